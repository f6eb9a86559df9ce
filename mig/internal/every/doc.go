// Package every is what the compiler makes of every.defs, which has each
// construct of the language once, and a test that what a client sends arrives.
package every
