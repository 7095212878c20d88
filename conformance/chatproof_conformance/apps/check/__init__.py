"""The forms of ``check`` that run no case: recordings, and clients that connect by themselves."""
