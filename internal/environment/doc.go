// Package environment decides which environment a notebook asks for and writes the Dockerfile that builds it.
//
// It is pure: it reads the repository through the Files interface and returns text. The first of these that the
// repository has wins:
//
//	requirementsFile      named by the user; missing is an error
//	requirementsSources   the user's own chain, in order; none found falls through
//	requirements.txt      in the notebook's directory, then in its tier (the first segment of its path), then at the root
//	Dockerfile            named by the user (missing is an error), else in the notebook's directory, else at the root
//	base image            as it is, with what the runner needs
//
// With autoGenerateRequirements off the chain begins at the Dockerfile. The build context is always the root of the
// repository, for a Dockerfile of the repository too, wherever in the repository it lies.
//
// A generated Dockerfile installs as root, because only root can write to the Python of every base image, and hands the
// image back to the user of its base image, which a builder passes in the build argument BASE_USER.
package environment
