package tekton

// Reasons of a TaskRun that Tekton's package pod writes. It is not imported, since it brings the clients of every cloud's
// registry along.
const (
	taskQuotaExceeded      = "ExceededResourceQuota"
	taskNodeTooSmall       = "ExceededNodeResources"
	taskPodPending         = "Pending"
	taskPodAdmissionFailed = "PodAdmissionFailed"
	// stepSkipped is the termination reason of a step whose predecessor failed.
	stepSkipped = "Skipped"
)
