/* Looking into the page list of a UPL: pairs of a page's number, 0 for none, and bits. */
#define UPL_ABSENT 2u
#define UPL_DIRTY 4u

unsigned upl_phys_page(const unsigned *pl, int i) { return pl[2 * i]; }
int upl_page_present(const unsigned *pl, int i) { return pl[2 * i] != 0; }
int upl_valid_page(const unsigned *pl, int i) { return pl[2 * i] != 0 && !(pl[2 * i + 1] & UPL_ABSENT); }
int upl_dirty_page(const unsigned *pl, int i) { return pl[2 * i] != 0 && (pl[2 * i + 1] & UPL_DIRTY) != 0; }
