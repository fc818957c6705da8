# The catalog's image: opm serves the file-based catalog that `make catalog` wrote. No cache is built into it: opm makes
# its own when it starts.
ARG OPM_IMAGE=quay.io/operator-framework/opm:v1.59.0
FROM ${OPM_IMAGE}
LABEL operators.operatorframework.io.index.configs.v1=/configs \
      org.opencontainers.image.title="Notebook Validator Operator catalog" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY catalog/notebook-validator-operator /configs/notebook-validator-operator
ENTRYPOINT ["/bin/opm"]
CMD ["serve", "/configs"]
