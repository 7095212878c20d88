# The command `chatproof`: the tool and the reference server in one image. docs/install.md says how to run it.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /build
COPY . .
# Compiled here, as who runs it cannot write there. pip itself is not needed afterwards.
RUN python -m venv /opt/chatproof \
    && /opt/chatproof/bin/pip install --no-cache-dir --no-compile '.[cluster,metrics]' \
    && /opt/chatproof/bin/pip uninstall --yes pip \
    && /opt/chatproof/bin/python -m compileall -q /opt/chatproof/lib

FROM python:${PYTHON}-slim
COPY --from=build /opt/chatproof /opt/chatproof
ENV PATH=/opt/chatproof/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1
# A number, so that a cluster can see that it is not root. Any other number will do.
USER 10001:10001
WORKDIR /work
EXPOSE 12345
# Only a server is asked often enough to become unhealthy: a check ends before.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["python", "-I", "-m", "chatproof_reference.probe", "127.0.0.1:12345"]
# No shell stands between, so signals reach the command itself.
ENTRYPOINT ["chatproof"]
CMD ["--help"]
