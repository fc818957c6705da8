package v1alpha1

// Labels and annotations of what the operator makes.
const (
	// LabelManagedBy marks every object that the operator makes; its caches hold no other.
	LabelManagedBy = "app.kubernetes.io/managed-by"
	// ManagedBy is the value of LabelManagedBy.
	ManagedBy = "notebook-validator-operator"
	// LabelComponent is the part an object plays: run, build or report.
	LabelComponent = "app.kubernetes.io/component"
	// LabelOwnerUID is the uid of the job or build that an object was made for; names may be used again, uids never.
	LabelOwnerUID = "mlops.mlops.dev/owner-uid"
	// LabelJob is the name of the job that an object was made for, cut to the length of a label.
	LabelJob = "mlops.mlops.dev/job"
	// LabelBuild is the name of the build that an object was made for, cut to the length of a label.
	LabelBuild = "mlops.mlops.dev/build"
	// AnnotationBuild is the full name of the build that an object was made for.
	AnnotationBuild = "mlops.mlops.dev/build"
)
