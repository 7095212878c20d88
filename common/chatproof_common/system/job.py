"""A job object: Windows ends all of its processes, and what they start, when the last handle of it is closed."""

import ctypes
import sys
from typing import Any

_KILL_ON_CLOSE = 0x2000
_EXTENDED_LIMITS = 9
_KILLED_STATUS = 1


class BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("most_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION; its IO_COUNTERS are six numbers of 64 bits."""

    _fields_ = (
        ("basic", BasicLimits),
        ("counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


class Job:
    """A job with one process, and all that it starts from now on; it ends with us, however we end."""

    def __init__(self, popen: Any) -> None:
        """Take a ``subprocess.Popen`` in; what it has started before is not in the job.

        Where the system refuses, as for a process that has ended already, the job is empty.
        """
        kernel = self._kernel = _kernel()
        self._job = kernel.CreateJobObjectW(None, None)
        limits = ExtendedLimits()
        limits.basic.flags = _KILL_ON_CLOSE
        kernel.SetInformationJobObject(self._job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
        kernel.AssignProcessToJobObject(self._job, int(popen._handle))  # noqa: SLF001  it has no public name

    def kill(self) -> None:
        """End all that are in it; again is harmless."""
        if self._job:
            self._kernel.TerminateJobObject(self._job, _KILLED_STATUS)

    def close(self) -> None:
        """Give the job back, which ends all that are in it; again is harmless."""
        if self._job:
            self._kernel.CloseHandle(self._job)
            self._job = None


def _kernel() -> Any:
    """Return kernel32 with the signatures of what is called: a handle is as wide as a pointer."""
    if sys.platform != "win32":
        raise OSError("only Windows has job objects")
    kernel = ctypes.WinDLL("kernel32")
    handle, number = ctypes.c_void_p, ctypes.c_uint32
    for name, result, arguments in (
        ("CreateJobObjectW", handle, (ctypes.c_void_p, ctypes.c_wchar_p)),
        ("SetInformationJobObject", ctypes.c_int, (handle, ctypes.c_int, ctypes.c_void_p, number)),
        ("AssignProcessToJobObject", ctypes.c_int, (handle, handle)),
        ("TerminateJobObject", ctypes.c_int, (handle, number)),
        ("CloseHandle", ctypes.c_int, (handle,)),
    ):
        function = getattr(kernel, name)
        function.restype, function.argtypes = result, arguments
    return kernel
