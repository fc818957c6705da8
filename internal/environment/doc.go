// Package environment decides which environment a notebook asks for and writes the Dockerfile that builds it.
//
// It is pure: it reads the repository through the Files interface and returns text. The first of these that the
// repository has wins:
//
//	requirementsFile      named by the user; missing is an error
//	requirementsSources   the user's own chain, in order; none found falls through
//	requirements.txt      in the notebook's directory, then in its tier (the first segment of its path), then at the root
//	Dockerfile            named by the user (missing is an error), else in the notebook's directory, else at the root
//	base image            as it is, with what the runner needs; an error where fallbackStrategy is fail
//
// With autoGenerateRequirements off the chain begins at the Dockerfile. Where there are both a requirements file and a
// Dockerfile, Conflict says so and preferDockerfile turns the order round.
//
// A requirements file is read as pip reads it, with all that it includes, for three things: which files have to be copied,
// which directory pip is started in, and which lines do not name one version. What pip refuses is left to pip, except
// where the build could not begin: a missing include, a path out of the repository, a variable in a file's name.
//
// A generated Dockerfile takes the root of the repository as its context. A Dockerfile of the repository is built as it is;
// what it copies tells its context, see contextDir.
//
// A generated Dockerfile installs as root, because only root can write to the Python of every base image, and hands the
// image back to the user of its base image, which a builder passes in the build argument BASE_USER. The runner's needs are
// installed first, in a layer that all environments of a base image share, and named again with the user's file, so that
// pip makes both fit together or says that it cannot.
package environment
