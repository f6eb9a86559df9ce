// Package kernel puts the rooms together: Boot makes a machine, mounts its root,
// fills the hooks that rooms offer each other, and gives a System that
// programs can be started in.
//
// It decides nothing that a room could decide; it is the place to see who is
// connected to whom. Order of assembly: machine, tasks, files, BSD, calls,
// network; each step needs only those before it.
package kernel
