package kernserv

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// LinkOptions are kl_ld's.
type LinkOptions struct {
	Name     string   // -n server_name
	Instance string   // -i instance_var
	Load     string   // -l load_cmds_file
	Unload   string   // -u unload_cmds_file, "" for none
	Loadable string   // -d loadable_name, "" for none
	Output   string   // -o output_file
	Inputs   []string // object files
}

const ldUsage = "usage: kl_ld -n server_name -i instance_var -l load_cmds_file [-u unload_cmds_file] [-d loadable_name] -o output_file input_file ..."

// LinkMain is the command kl_ld (Writing Loadable Kernel Servers, A-2): it needs no
// machine. It returns the exit status: 0, 1 for an error, 2 for wrong usage; each is
// one line on stderr.
func LinkMain(args []string, stderr io.Writer) int {
	o, err := parseLink(args)
	if err != nil {
		fmt.Fprintf(stderr, "kl_ld: %v\n%s\n", err, ldUsage)
		return 2
	}
	if err := LinkFiles(o); err != nil {
		fmt.Fprintf(stderr, "kl_ld: %v\n", err)
		return 1
	}
	return 0
}

func parseLink(args []string) (o LinkOptions, err error) {
	options := map[string]*string{"-n": &o.Name, "-i": &o.Instance, "-l": &o.Load, "-u": &o.Unload, "-d": &o.Loadable, "-o": &o.Output}
	for len(args) > 0 {
		a := args[0]
		args = args[1:]
		if to := options[a]; to != nil {
			if len(args) == 0 {
				return o, fmt.Errorf("%s needs an argument", a)
			}
			if *to != "" {
				return o, fmt.Errorf("%s is given twice", a)
			}
			*to, args = args[0], args[1:]
			continue
		}
		if a != "" && a[0] == '-' {
			return o, fmt.Errorf("%s is not an option", a)
		}
		o.Inputs = append(o.Inputs, a)
	}
	for _, k := range []string{"-n", "-i", "-l", "-o"} {
		if *options[k] == "" {
			return o, fmt.Errorf("%s is missing", k)
		}
	}
	if len(o.Inputs) == 0 {
		return o, errors.New("there is no input file")
	}
	return o, nil
}

// LinkFiles reads what the options name and writes the relocatable file. Nothing
// is written when there is an error.
func LinkFiles(o LinkOptions) error {
	load, err := readScript(o.Load)
	if err != nil {
		return err
	}
	var unload []byte
	if o.Unload != "" {
		if unload, err = readScript(o.Unload); err != nil {
			return err
		}
	}
	var objects [][]byte
	for _, name := range o.Inputs {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		objects = append(objects, b)
	}
	b, err := Link(o, objects, load, unload)
	if err != nil {
		return err
	}
	return os.WriteFile(o.Output, b, 0o644)
}

func readScript(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxScript+1)) // one more: too long is seen
}

// Link is kl_ld without files: it joins objects and puts the names and the scripts
// with them. It sees to it that the scripts are right and that what they name, and
// the instance variable, is there. Errors: *ScriptError, those of libkern.Join.
func Link(o LinkOptions, objects [][]byte, load, unload []byte) ([]byte, error) {
	r := &Relocatable{Name: o.Name, Instance: o.Instance, Loadable: o.Loadable}
	err := r.check()
	if err != nil {
		return nil, err
	}
	if r.Load, err = ParseLoad(o.Load, load); err != nil {
		return nil, err
	}
	if r.Unload, err = ParseUnload(o.Unload, unload); err != nil {
		return nil, err
	}
	b, err := r.join(objects, load, unload)
	if err != nil {
		return nil, err
	}
	names, err := defined(b)
	if err != nil {
		return nil, err
	}
	if !names["_"+r.Instance] {
		return nil, fmt.Errorf("no input file defines the instance variable %s", r.Instance)
	}
	err = r.functions(func(c Command, isLoad bool) error {
		if names["_"+c.Function] {
			return nil
		}
		file := o.Unload
		if isLoad {
			file = o.Load
		}
		return &ScriptError{file, c.Line, "no input file defines the function " + c.Function}
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}
