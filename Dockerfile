# One static binary: the operator, and the fetch and report steps of every run. It brings its own certificate
# authorities, needs no shell and writes only to the volumes that it is given. `make docker-build` builds it first.
FROM scratch
LABEL org.opencontainers.image.title="Notebook Validator Operator" \
      org.opencontainers.image.description="Proves on Kubernetes that Jupyter notebooks work" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY bin/notebook-validator /notebook-validator
USER 65532:65532
ENTRYPOINT ["/notebook-validator"]
