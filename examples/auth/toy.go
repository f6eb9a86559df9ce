package auth

// Toy is the document's cipher of a byte: f(f(a, k1), k2) is a when k1*k2 is 1 modulo 255, as
// 8 and 32 are. Everybody can find one key from the other.
func Toy(a, k byte) byte {
	p := uint16(a) * uint16(k)
	return byte(p&0xff + p>>8)
}
