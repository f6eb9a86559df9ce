package kext

import "fmt"

// Matches says whether one of a bundle's personalities fits a device: its IOProviderClass
// is the device's, and so is each property of its IOPropertyMatch. A personality that
// refers to another extension is a setting of that one, and fits nothing.
func (b *Bundle) Matches(device map[string]any) bool {
	for _, p := range b.Personalities {
		p, _ := p.(map[string]any)
		class, _ := p["IOProviderClass"].(string)
		if id, ok := p["CFBundleIdentifier"].(string); ok && id != b.ID || class == "" || class != device["IOProviderClass"] {
			continue
		}
		want, _ := p["IOPropertyMatch"].(map[string]any)
		fits := true
		for k, v := range want {
			// Numbers have the types that the property list gave them.
			if have, ok := device[k]; !ok || fmt.Sprint(have) != fmt.Sprint(v) {
				fits = false
			}
		}
		if fits {
			return true
		}
	}
	return false
}
