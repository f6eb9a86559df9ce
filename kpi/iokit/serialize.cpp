// OSSerialize, and reading XML property lists.

OSDefineMetaClassAndStructors(OSSerialize, OSObject)

OSSerialize *OSSerialize::withCapacity(unsigned n)
{
	OSSerialize *s = new OSSerialize;
	if (s && !s->initWithCapacity(n)) {
		s->release();
		s = 0;
	}
	return s;
}
bool OSSerialize::initWithCapacity(unsigned n)
{
	if (!OSObject::init())
		return false;
	if (!ensureCapacity(n ? n : 256))
		return false;
	length = 1;
	return true;
}
void OSSerialize::free()
{
	if (data)
		kpi_object_free(data);
	OSObject::free();
}
char *OSSerialize::text() const { return data; }
void OSSerialize::clearText()
{
	length = 1;
	data[0] = 0;
}
unsigned OSSerialize::getLength() const { return length; }
unsigned OSSerialize::getCapacity() const { return capacity; }
unsigned OSSerialize::ensureCapacity(unsigned n)
{
	if (n <= capacity)
		return capacity;
	if (n > 16u << 20)
		return 0;
	unsigned want = n > 2 * capacity ? n : 2 * capacity;
	char *p = (char *)kpi_object_alloc(want);
	if (!p)
		return 0;
	if (data) {
		memcpy(p, data, length);
		kpi_object_free(data);
	}
	data = p;
	return capacity = want;
}
bool OSSerialize::addString(const char *c)
{
	size_t n = strlen(c);
	if (n > 16u << 20 || !ensureCapacity(length + (unsigned)n))
		return false;
	memcpy(data + length - 1, c, n + 1);
	length += (unsigned)n;
	return true;
}
bool OSSerialize::addChar(char c)
{
	char t[2] = { c, 0 };
	return addString(t);
}
bool OSSerialize::addEscaped(const char *c)
{
	for (; *c; c++)
		if (!(*c == '<' ? addString("&lt;") : *c == '>' ? addString("&gt;") : *c == '&' ? addString("&amp;") : addChar(*c)))
			return false;
	return true;
}
bool OSSerialize::addXMLStartTag(const OSMetaClassBase *, const char *tag) { return addChar('<') && addString(tag) && addChar('>'); }
bool OSSerialize::addXMLEndTag(const char *tag) { return addString("</") && addString(tag) && addChar('>'); }
bool OSSerialize::previouslySerialized(const OSMetaClassBase *) { return false; }
bool OSSerialize::enter()
{
	if (depth >= 32)
		return false;
	depth++;
	return true;
}
void OSSerialize::leave() { depth--; }

// The reader of property lists: containers are nested 32 deep at most, and the objects of one
// text are 65536 at most.
class XMLReader {
	const char *p, *end;
	const char *why;
	int depth;
	unsigned objects;
	OSArray *ids; // what can be referred to: pairs of an ID and an object

	struct Tag {
		char name[16];
		char id[16], idref[16], size[16], format[8];
		bool closing, empty;
	};

	OSObject *fail(const char *reason)
	{
		if (!why)
			why = reason;
		return 0;
	}
	bool at(const char *s) const
	{
		size_t n = strlen(s);
		return (size_t)(end - p) >= n && !memcmp(p, s, n);
	}
	static bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
	static bool isName(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == ':'; }
	bool skipTo(const char *s)
	{
		while (p < end && !at(s))
			p++;
		if (p >= end)
			return false;
		p += strlen(s);
		return true;
	}
	void skipSpace()
	{
		while (p < end)
			if (isSpace(*p))
				p++;
			else if (at("<!--")) {
				if (!skipTo("-->"))
					return;
			} else if (at("<?") || at("<!")) {
				if (!skipTo(">"))
					return;
			} else
				return;
	}
	// The next tag, if that is what comes next.
	bool tag(Tag *t)
	{
		skipSpace();
		bzero(t, sizeof *t);
		if (p >= end || *p != '<')
			return false;
		p++;
		if (p < end && *p == '/') {
			t->closing = true;
			p++;
		}
		unsigned n = 0;
		for (; p < end && isName(*p); p++)
			if (n + 1 < sizeof t->name)
				t->name[n++] = *p;
			else
				return false;
		for (;;) {
			while (p < end && isSpace(*p))
				p++;
			if (p >= end)
				return false;
			if (*p == '>') {
				p++;
				return n > 0;
			}
			if (at("/>")) {
				t->empty = true;
				p += 2;
				return n > 0;
			}
			char name[16] = {}, *to = 0;
			unsigned size = 0, k = 0;
			for (; p < end && isName(*p); p++)
				if (k + 1 < sizeof name)
					name[k++] = *p;
				else
					return false;
			if (!strcmp(name, "ID"))
				to = t->id, size = sizeof t->id;
			else if (!strcmp(name, "IDREF"))
				to = t->idref, size = sizeof t->idref;
			else if (!strcmp(name, "size"))
				to = t->size, size = sizeof t->size;
			else if (!strcmp(name, "format"))
				to = t->format, size = sizeof t->format;
			if (k == 0 || p + 1 >= end || *p != '=' || (p[1] != '"' && p[1] != '\''))
				return false;
			char quote = p[1];
			unsigned m = 0;
			for (p += 2; p < end && *p != quote; p++)
				if (to && m + 1 < size)
					to[m++] = *p;
			if (p >= end)
				return false;
			p++;
		}
	}
	bool close(const char *name)
	{
		Tag t;
		return tag(&t) && t.closing && !strcmp(t.name, name);
	}
	// The text up to the end tag, without its escapes; to be freed by kpi_object_free.
	char *textOf(const Tag &open, unsigned *length)
	{
		*length = 0;
		const char *from = p;
		if (!open.empty)
			while (p < end && *p != '<')
				p++;
		char *s = (char *)kpi_object_alloc((size_t)(p - from) + 1);
		if (!s) {
			fail("no memory");
			return 0;
		}
		static const struct { const char *name; char c; } escapes[] = { { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' }, { "&quot;", '"' }, { "&apos;", '\'' } };
		const char *stop = p;
		for (; !open.empty && from < stop; from++) {
			char c = *from;
			if (c == '&')
				for (unsigned i = 0; i < 5; i++) {
					size_t n = strlen(escapes[i].name);
					if ((size_t)(stop - from) >= n && !memcmp(from, escapes[i].name, n)) {
						c = escapes[i].c;
						from += n - 1;
						break;
					}
				}
			if (c)
				s[(*length)++] = c;
		}
		s[*length] = 0;
		if (!open.empty && !close(open.name)) {
			kpi_object_free(s);
			fail("a tag is not closed");
			return 0;
		}
		return s;
	}
	static int sixBits(char c)
	{
		if (c >= 'A' && c <= 'Z')
			return c - 'A';
		if (c >= 'a' && c <= 'z')
			return c - 'a' + 26;
		if (c >= '0' && c <= '9')
			return c - '0' + 52;
		return c == '+' ? 62 : c == '/' ? 63 : -1;
	}
	static int hexDigit(char c)
	{
		if (c >= '0' && c <= '9')
			return c - '0';
		c |= 32;
		return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
	}
	OSObject *dataOf(char *s, bool hex)
	{
		unsigned n = 0, bits = 0, have = 0;
		unsigned char *out = (unsigned char *)s;
		for (char *c = s; *c && *c != '='; c++) {
			int v = hex ? hexDigit(*c) : sixBits(*c);
			if (v < 0)
				continue;
			bits = bits << (hex ? 4 : 6) | (unsigned)v;
			have += hex ? 4 : 6;
			if (have >= 8) {
				have -= 8;
				out[n++] = (unsigned char)(bits >> have);
			}
		}
		return OSData::withBytes(s, n);
	}
	OSObject *container(const Tag &t)
	{
		bool dict = !strcmp(t.name, "dict"), set = !strcmp(t.name, "set");
		OSObject *o = dict ? (OSObject *)OSDictionary::withCapacity(0) : set ? (OSObject *)OSSet::withCapacity(0) : (OSObject *)OSArray::withCapacity(0);
		if (!o)
			return fail("no memory");
		if (t.empty)
			return remember(t, o);
		if (++depth > 32) {
			o->release();
			return fail("containers are nested too deep");
		}
		for (;;) {
			Tag x;
			if (!tag(&x))
				break;
			if (x.closing) {
				if (strcmp(x.name, t.name))
					break;
				depth--;
				return remember(t, o);
			}
			OSObject *key = 0;
			if (dict) {
				if (strcmp(x.name, "key"))
					break;
				key = value(x);
				if (!key || !tag(&x) || x.closing) {
					OSSafeRelease(key);
					break;
				}
			}
			OSObject *v = value(x);
			bool ok = v != 0;
			if (ok && dict)
				ok = ((OSDictionary *)o)->setObject((OSString *)key, v);
			else if (ok && set)
				((OSSet *)o)->setObject(v);
			else if (ok)
				ok = ((OSArray *)o)->setObject(v);
			OSSafeRelease(key);
			OSSafeRelease(v);
			if (!ok)
				break;
		}
		o->release();
		return fail("a container is not closed, or has something odd in it");
	}
	OSObject *remember(const Tag &t, OSObject *o)
	{
		if (o && t.id[0]) {
			OSString *id = OSString::withCString(t.id);
			if (id && ids) {
				ids->setObject(id);
				ids->setObject(o);
			}
			OSSafeRelease(id);
		}
		return o;
	}
	OSObject *value(const Tag &t)
	{
		if (++objects > 65536)
			return fail("too many objects");
		if (t.idref[0]) {
			for (unsigned i = 0; ids && i + 1 < ids->getCount(); i += 2)
				if (((OSString *)ids->getObject(i))->isEqualTo(t.idref)) {
					OSObject *o = ids->getObject(i + 1);
					o->retain();
					return t.empty || close(t.name) ? o : fail("a reference is not closed");
				}
			return fail("a reference to nothing");
		}
		if (!strcmp(t.name, "dict") || !strcmp(t.name, "array") || !strcmp(t.name, "set"))
			return container(t);
		if (!strcmp(t.name, "true") || !strcmp(t.name, "false"))
			return t.empty || close(t.name) ? (OSObject *)OSBoolean::withBoolean(t.name[0] == 't') : fail("a boolean is not closed");
		bool isKey = !strcmp(t.name, "key"), isString = isKey || !strcmp(t.name, "string");
		bool isNumber = !strcmp(t.name, "integer"), isData = !strcmp(t.name, "data");
		if (!isString && !isNumber && !isData)
			return fail("an unknown tag");
		unsigned n;
		char *s = textOf(t, &n);
		if (!s)
			return 0;
		OSObject *o;
		if (isKey)
			o = (OSObject *)OSSymbol::withCString(s);
		else if (isString)
			o = OSString::withCString(s);
		else if (isNumber) {
			char *c = s;
			while (isSpace(*c))
				c++;
			bool minus = *c == '-';
			unsigned long long v = strtouq(minus ? c + 1 : c, 0, 0);
			unsigned bits = t.size[0] ? (unsigned)strtoul(t.size, 0, 10) : 64;
			o = OSNumber::withNumber(minus ? -v : v, bits >= 1 && bits <= 64 ? bits : 64);
		} else
			o = dataOf(s, !strcmp(t.format, "hex"));
		kpi_object_free(s);
		return o ? remember(t, o) : fail("no memory");
	}
public:
	OSObject *read(const char *text, size_t n, OSString **error)
	{
		p = text;
		end = text + n;
		ids = OSArray::withCapacity(0);
		Tag t;
		bool plist = false;
		OSObject *o = 0;
		if (tag(&t) && !strcmp(t.name, "plist") && !t.closing)
			plist = true;
		if ((!plist || tag(&t)) && t.name[0] && !t.closing)
			o = value(t);
		else
			fail("no property list");
		if (o && plist && !close("plist")) {
			o->release();
			o = fail("the property list is not closed");
		}
		OSSafeRelease(ids);
		if (error)
			*error = o ? 0 : OSString::withCString(why ? why : "no property list");
		return o;
	}
};

OSObject *OSUnserializeXML(const char *buffer, size_t size, OSString **error)
{
	if (!buffer)
		return 0;
	XMLReader r = {};
	return r.read(buffer, strnlen(buffer, size), error);
}
OSObject *OSUnserializeXML(const char *buffer, OSString **error) { return buffer ? OSUnserializeXML(buffer, strlen(buffer), error) : 0; }
OSObject *OSUnserialize(const char *buffer, OSString **error) { return OSUnserializeXML(buffer, error); }
