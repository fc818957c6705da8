package scorecard

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

const (
	appName     = "scorecard-test"
	runLabel    = "testrun"
	archiveName = "bundle.tar.gz"
	// testUser is the user that scorecard gives to every container of a test, whatever its image says.
	testUser = 1000

	testContainer  = "scorecard-test"
	untarContainer = "scorecard-untar"
	archiveVolume  = "scorecard-bundle"
	untarVolume    = "scorecard-untar"
	archivePath    = "/scorecard"
	unpackedPath   = "/scorecard-bundle"
	bundlePath     = "/bundle"
)

// configMap holds the packed bundle for all pods of a run, whose name it gives.
func configMap(namespace, name string, archive []byte) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"app": appName}},
		BinaryData: map[string][]byte{archiveName: archive},
	}
}

// pod runs one test.
func pod(namespace, name, run, serviceAccount, untarImage string, test v1alpha3.TestConfiguration) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name, Labels: map[string]string{"app": appName, runLabel: run},
		},
		Spec: corev1.PodSpec{
			ServiceAccountName: serviceAccount,
			RestartPolicy:      corev1.RestartPolicyNever,
			SecurityContext: &corev1.PodSecurityContext{
				RunAsUser: ptr.To[int64](testUser), RunAsGroup: ptr.To[int64](testUser), RunAsNonRoot: ptr.To(true),
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			InitContainers: []corev1.Container{{
				Name:            untarContainer,
				Image:           untarImage,
				ImagePullPolicy: corev1.PullIfNotPresent,
				Args:            []string{"tar", "xvzf", archivePath + "/" + archiveName, "-C", unpackedPath},
				VolumeMounts: []corev1.VolumeMount{
					{Name: archiveVolume, MountPath: archivePath, ReadOnly: true},
					{Name: untarVolume, MountPath: unpackedPath},
				},
				SecurityContext: restricted(),
			}},
			Containers: []corev1.Container{{
				Name:            testContainer,
				Image:           test.Image,
				ImagePullPolicy: corev1.PullIfNotPresent,
				Command:         test.Entrypoint,
				Env: []corev1.EnvVar{{
					Name:      "SCORECARD_NAMESPACE",
					ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.namespace"}},
				}},
				VolumeMounts:    []corev1.VolumeMount{{Name: untarVolume, MountPath: bundlePath, ReadOnly: true}},
				SecurityContext: restricted(),
			}},
			Volumes: []corev1.Volume{
				{Name: archiveVolume, VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
					LocalObjectReference: corev1.LocalObjectReference{Name: run},
				}}},
				{Name: untarVolume, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
			},
		},
	}
}

func restricted() *corev1.SecurityContext {
	return &corev1.SecurityContext{
		RunAsNonRoot: ptr.To(true), AllowPrivilegeEscalation: ptr.To(false),
		Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}
}

// pack makes an archive of a folder. The same files give the same archive, and every user can read what comes out of it.
func pack(dir string) ([]byte, error) {
	var archive bytes.Buffer
	zipped := gzip.NewWriter(&archive)
	writer := tar.NewWriter(zipped)
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == "." {
			return err
		}
		if entry.IsDir() {
			return writer.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: path + "/", Mode: 0o755})
		}
		content, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		if err := writer.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: path, Mode: 0o644, Size: int64(len(content))}); err != nil {
			return err
		}
		_, err = writer.Write(content)
		return err
	})
	if err := errors.Join(err, writer.Close(), zipped.Close()); err != nil {
		return nil, err
	}
	return archive.Bytes(), nil
}
