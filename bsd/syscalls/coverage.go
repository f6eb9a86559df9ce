package syscalls

// Covered is one call, for people and programs who ask what there is.
type Covered struct {
	Class  string `json:"class"`
	Num    int    `json:"number"`
	Name   string `json:"name"`
	Args   string `json:"args,omitempty"`
	Status string `json:"status"`
	Note   string `json:"note,omitempty"`
}

// Coverage lists all calls of all classes in the tables' order.
func Coverage() []Covered {
	var l []Covered
	for _, c := range []struct {
		name string
		rows []Row
	}{{"bsd", BSD}, {"mach", Mach}, {"mdep", Mdep}, {"private", Private}} {
		for i := range c.rows {
			r := &c.rows[i]
			l = append(l, Covered{c.name, r.Num, r.Name, r.Args, r.Status.String(), r.Note})
		}
	}
	return l
}
