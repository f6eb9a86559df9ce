/* Wide and narrow formats in the C locale, where a character is a byte; and in one of UTF-8. */
#include "check.h"
#include <locale.h>
#include <wchar.h>
#include <unistd.h>

static size_t content(unsigned char *b)
{
	FILE *f = fopen("w", "r");
	size_t n = fread(b, 1, 64, f);
	fclose(f);
	return n;
}

int main(void)
{
	char n[64];
	wchar_t w[64];
	unsigned char b[64];
	CHECKEQ(snprintf(n, sizeof n, "%ls|%lc", L"a\u00e9", (wint_t)0xff), 4);
	CHECKSTR(n, "a\xe9|\xff");
	errno = 0;
	CHECK(snprintf(n, sizeof n, "%ls", L"\u20ac") == -1 && errno == EILSEQ);
	errno = 0;
	CHECK(snprintf(n, sizeof n, "%lc", (wint_t)0x20ac) == -1 && errno == EILSEQ);
	CHECKEQ(swprintf(w, 64, L"%s|%4s|%-3s|%.1s|%c", "a\xe9", "\xe8", "\xe7", "\xe6\xe6", 0xe5), 15);
	CHECK(wcscmp(w, L"a\u00e9|   \u00e8|\u00e7  |\u00e6|\u00e5") == 0);
	CHECKEQ(swprintf(w, 64, L"%ls", L"\u20ac"), 1); /* wide it stays */
	CHECK(w[0] == 0x20ac);
	FILE *f = fopen("w", "w");
	CHECKEQ(fwprintf(f, L"%s%ls", "\xe9", L"\u00e8"), 2);
	fclose(f);
	CHECK(content(b) == 2 && b[0] == 0xe9 && b[1] == 0xe8);

	CHECK(setlocale(LC_ALL, "en_US.UTF-8") != NULL);
	CHECKEQ(snprintf(n, sizeof n, "%ls%lc", L"\u20ac", (wint_t)0xe9), 5);
	CHECKSTR(n, "\xe2\x82\xac\xc3\xa9");
	CHECKEQ(swprintf(w, 64, L"%s", "\xc3\xa9"), 1);
	CHECK(w[0] == 0xe9);
	errno = 0;
	CHECK(swprintf(w, 64, L"%s", "\xe9") == -1 && errno == EILSEQ);
	printf("wide ok\n");
	DONE();
}
