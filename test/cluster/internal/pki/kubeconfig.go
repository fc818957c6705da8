package pki

import (
	"encoding/base64"
	"fmt"
	"os"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/textfile"
)

const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- name: notebook-validator
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: %s
  user:
    client-certificate-data: %s
    client-key-data: %s
contexts:
- name: notebook-validator
  context:
    cluster: notebook-validator
    user: %s
current-context: notebook-validator
`

// WriteKubeconfig writes a kubeconfig that holds the pair of that name and needs no other file.
func (a *Authority) WriteKubeconfig(path, server, name string) error {
	cert, err := os.ReadFile(a.CertFile(name))
	if err != nil {
		return err
	}
	key, err := os.ReadFile(a.KeyFile(name))
	if err != nil {
		return err
	}
	encode := base64.StdEncoding.EncodeToString
	content := fmt.Sprintf(kubeconfig, server, encode([]byte(a.PEM())), name, encode(cert), encode(key), name)
	return textfile.Write(path, []byte(content), 0o600)
}
