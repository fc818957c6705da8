// Package imagebuild is the subcommand "build": it runs inside the build's pod, in the builder's image, and drives
// buildah there. No value ever reaches a shell: buildah gets an argument list, every value in the form --flag=value or
// behind a double dash.
//
// Its exit code tells the Job what to do: 0 the image is pushed, 65 trying again changes nothing, 75 trying again may
// help, 143 it was stopped. The termination message has the image or, for the user, what went wrong. Build systems that keep such things
// in files of their own name these files.
//
// A Dockerfile of the repository is built as it is. Only if its image lacks what running a notebook takes, that is
// installed in one more layer.
package imagebuild
