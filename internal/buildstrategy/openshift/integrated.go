package openshift

import (
	"net"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// integratedRegistryDomains are those of the services in the namespace of OpenShift's own registry.
var integratedRegistryDomains = []string{".openshift-image-registry.svc", ".openshift-image-registry.svc.cluster.local"}

// fromIntegratedRegistry tells whether an image lies in OpenShift's own registry, under the name by which the cluster
// knows it. That one opens to service accounts, by their rights on image streams.
func fromIntegratedRegistry(image string) bool {
	ref, err := name.ParseReference(image)
	return err == nil && isIntegratedRegistry(ref.Context().RegistryStr())
}

func isIntegratedRegistry(host string) bool {
	if bare, _, err := net.SplitHostPort(host); err == nil {
		host = bare
	}
	for _, domain := range integratedRegistryDomains {
		if strings.HasSuffix(host, domain) {
			return true
		}
	}
	return false
}

// fullName is a repository with its registry, as every builder understands it.
func fullName(repository name.Repository) string {
	return strings.Replace(repository.Name(), name.DefaultRegistry+"/", "docker.io/", 1)
}
