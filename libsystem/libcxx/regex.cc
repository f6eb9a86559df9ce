/*
 * std::regex: the names of classes and of characters (POSIX, the locale's definition),
 * what "." matches, and errors. The rest is in the headers.
 */
#include <regex>
#include <string.h>

_LIBCPP_BEGIN_NAMESPACE_STD

static const char *const reasons[] = {
	"The regular expression has an error.",
	"It names a collating element that there is not.",
	"It names a class of characters that there is not.",
	"It has an escape that means nothing, or ends in the middle of one.",
	"It refers back to a group that there is not.",
	"A [ has no ], or a ] no [.",
	"A ( has no ), or a ) no (.",
	"A { has no }, or a } no {.",
	"A repetition in { } means nothing.",
	"A range of characters is backwards.",
	"There is not enough memory for it.",
	"There is nothing that *, ?, + or { could repeat.",
	"Matching takes too many steps.",
	"There is not enough memory to match it.",
	"It does not follow the grammar.",
	"A part of it is empty.",
	"The regular expression has an error.",
	"It can't be parsed.",
};
static const char *message(regex_constants::error_type e)
{
	size_t i = e;
	return reasons[i < sizeof reasons / sizeof *reasons ? i : 0];
}
regex_error::regex_error(regex_constants::error_type e) : runtime_error(message(e)), __code_(e) {}
regex_error::~regex_error() noexcept {}

static const struct { const char *name; regex_traits<char>::char_class_type is; } classes[] = {
	{ "alnum", ctype_base::alnum }, { "alpha", ctype_base::alpha }, { "blank", ctype_base::blank },
	{ "cntrl", ctype_base::cntrl }, { "d", ctype_base::digit }, { "digit", ctype_base::digit },
	{ "graph", ctype_base::graph }, { "lower", ctype_base::lower }, { "print", ctype_base::print },
	{ "punct", ctype_base::punct }, { "s", ctype_base::space }, { "space", ctype_base::space },
	{ "upper", ctype_base::upper }, { "xdigit", ctype_base::xdigit },
	{ "w", ctype_base::alnum | ctype_base::__regex_word },
};
/* 0 for no class. Where case makes no difference, lower and upper are letters. */
regex_traits<char>::char_class_type __get_classname(const char *s, bool icase)
{
	for (auto &c : classes)
		if (strcmp(c.name, s) == 0)
			return icase && (c.is == ctype_base::lower || c.is == ctype_base::upper) ? ctype_base::alpha : c.is;
	return 0;
}

/* The characters of ASCII that are no letters, in order. */
static const char *const controls[] = { "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "alert", "backspace", "tab", "newline",
	"vertical-tab", "form-feed", "carriage-return", "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM",
	"SUB", "ESC", "IS4", "IS3", "IS2", "IS1", "space", "exclamation-mark", "quotation-mark", "number-sign", "dollar-sign",
	"percent-sign", "ampersand", "apostrophe", "left-parenthesis", "right-parenthesis", "asterisk", "plus-sign", "comma", "hyphen",
	"period", "slash", "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "colon", "semicolon",
	"less-than-sign", "equals-sign", "greater-than-sign", "question-mark", "commercial-at" };
static const struct { const char *name; char is; } others[] = {
	{ "hyphen-minus", '-' }, { "full-stop", '.' }, { "solidus", '/' }, { "left-square-bracket", '[' }, { "backslash", '\\' },
	{ "reverse-solidus", '\\' }, { "right-square-bracket", ']' }, { "circumflex", '^' }, { "circumflex-accent", '^' },
	{ "underscore", '_' }, { "low-line", '_' }, { "grave-accent", '`' }, { "left-brace", '{' }, { "left-curly-bracket", '{' },
	{ "vertical-line", '|' }, { "right-brace", '}' }, { "right-curly-bracket", '}' }, { "tilde", '~' }, { "DEL", 0x7f },
};
/* Empty for no name. A letter's is itself. */
string __get_collation_name(const char *s)
{
	for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
		if (strcmp(controls[i], s) == 0)
			return string(1, char(i));
	for (auto &o : others)
		if (strcmp(o.name, s) == 0)
			return string(1, o.is);
	bool letter = (*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z');
	return letter && !s[1] ? string(s) : string();
}

template <> void __match_any_but_newline<char>::__exec(__state &s) const
{
	if (s.__current_ == s.__last_ || *s.__current_ == '\n' || *s.__current_ == '\r') {
		s.__do_ = __state::__reject;
		s.__node_ = nullptr;
		return;
	}
	s.__do_ = __state::__accept_and_consume;
	++s.__current_;
	s.__node_ = this->first();
}

_LIBCPP_END_NAMESPACE_STD
