package builders

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const (
	// Commit that notebooks are at.
	Commit = "0123456789abcdef0123456789abcdef01234567"
	// OtherCommit is another one.
	OtherCommit = "89abcdef0123456789abcdef0123456789abcdef"
	// Image that a build ends with.
	Image = "registry.example.com/notebooks/team@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	// BaseImage that generated Dockerfiles start from.
	BaseImage = "docker.io/library/python@sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
	// Hash of an environment.
	Hash = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
	// GivenImage is what a job without a build names.
	GivenImage = "registry.example.com/jupyter:1"
)

// Epoch is when everything was created.
var Epoch = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

// At is that long after Epoch.
func At(after time.Duration) metav1.Time { return metav1.NewTime(Epoch.Add(after)) }

// uid is the uid of an object that was given none.
func uid(kind, namespace, name string) types.UID {
	return types.UID(kind + "-" + namespace + "-" + name)
}

func meta(kind, namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: name, Namespace: namespace, UID: uid(kind, namespace, name), Generation: 1, CreationTimestamp: At(0),
	}
}

// condition replaces the one of its type.
func condition(list []metav1.Condition, c metav1.Condition) []metav1.Condition {
	for i := range list {
		if list[i].Type == c.Type {
			list[i] = c
			return list
		}
	}
	return append(list, c)
}
