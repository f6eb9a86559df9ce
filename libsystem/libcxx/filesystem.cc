/* std::filesystem: paths as text, and calls of the system for the rest. */
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <copyfile.h>
#include <sys/stat.h>
#include <unistd.h>

_LIBCPP_BEGIN_NAMESPACE_FILESYSTEM
using std::string;
using text = std::string; /* where string is path's function */
using std::string_view;

filesystem_error::~filesystem_error() {}
void filesystem_error::__create_what(int n)
{
	string s = string("filesystem error: ") + system_error::what();
	if (n > 0)
		s += " [\"" + path1().native() + "\"]";
	if (n > 1)
		s += " [\"" + path2().native() + "\"]";
	__storage_->__what_ = s;
}

/* Sets *ec, or throws when the caller gave none. */
static void failed(const char *what, int err, error_code *ec, const path &p, const path *q = nullptr)
{
	error_code e(err, generic_category());
	if (ec)
		*ec = e;
	else if (q)
		throw filesystem_error(string("in ") + what, p, *q, e);
	else
		throw filesystem_error(string("in ") + what, p, e);
}
static void fine(error_code *ec)
{
	if (ec)
		ec->clear();
}

/* The end of the name, or of the run of slashes, that begins at i. */
static size_t past(string_view s, size_t i)
{
	bool slash = s[i] == '/';
	while (i < s.size() && (s[i] == '/') == slash)
		i++;
	return i;
}
static size_t root_end(string_view s) { return s.empty() || s[0] != '/' ? 0 : past(s, 0); }

string_view path::__root_name() const { return {}; }
string_view path::__root_directory() const { return root_end(__pn_) ? string_view(__pn_).substr(0, 1) : string_view(); }
string_view path::__root_path_raw() const { return __root_directory(); }
string_view path::__relative_path() const { return string_view(__pn_).substr(root_end(__pn_)); }
string_view path::__filename() const
{
	string_view s = __relative_path();
	size_t i = s.rfind('/');
	return i == s.npos ? s : s.substr(i + 1);
}
string_view path::__parent_path() const
{
	string_view s = __pn_;
	size_t root = root_end(s), i = s.rfind('/');
	if (i == s.npos)
		return {};
	if (i < root)
		return s.substr(0, root == s.size() ? root : 1);
	while (i > root && s[i - 1] == '/')
		i--;
	return s.substr(0, i);
}
static size_t dot(string_view f)
{
	size_t i = f.rfind('.');
	return f == "." || f == ".." || i == 0 ? f.npos : i;
}
string_view path::__stem() const { string_view f = __filename(); return f.substr(0, dot(f)); }
string_view path::__extension() const
{
	string_view f = __filename();
	size_t i = dot(f);
	return i == f.npos ? string_view() : f.substr(i);
}
path &path::replace_extension(const path &with)
{
	__pn_.erase(__pn_.size() - __extension().size());
	if (!with.empty()) {
		if (with.native()[0] != '.')
			__pn_ += ".";
		__pn_ += with.native();
	}
	return *this;
}

/* The elements: the root, the names, and an empty one for a slash at the end. */
path::iterator path::begin() const
{
	iterator it;
	it.__path_ptr_ = this;
	it.__state_ = iterator::_BeforeBegin;
	it.__entry_ = string_view(__pn_).substr(0, 0);
	return it.__increment();
}
path::iterator path::end() const
{
	iterator it;
	it.__path_ptr_ = this;
	it.__state_ = iterator::_AtEnd;
	it.__entry_ = {};
	return it;
}
path::iterator &path::iterator::__increment()
{
	string_view s = __path_ptr_->native();
	size_t i = __state_ == _BeforeBegin ? 0 : __entry_.data() - s.data() + __entry_.size();
	auto at_end = [&] {
		__state_ = _AtEnd;
		__entry_ = {};
		__stashed_elem_.clear();
		return *this;
	};
	if (__state_ == _InTrailingSep || s.empty()) {
		at_end();
		return *this;
	}
	if (__state_ == _BeforeBegin && s[0] == '/') {
		__state_ = _InRootDir;
		__entry_ = s.substr(0, 1);
		__stashed_elem_ = path("/");
		return *this;
	}
	size_t from = i;
	while (i < s.size() && s[i] == '/')
		i++;
	if (i == s.size()) {
		if (from == i || __state_ == _InRootDir) {
			at_end();
			return *this;
		}
		__state_ = _InTrailingSep;
		__entry_ = s.substr(i, 0);
		__stashed_elem_.clear();
		return *this;
	}
	__state_ = _InFilenames;
	__entry_ = s.substr(i, past(s, i) - i);
	__stashed_elem_ = path(__entry_);
	return *this;
}
path::iterator &path::iterator::__decrement()
{
	/* Paths are short: the element before is found from the front. */
	iterator it = __path_ptr_->begin(), before = it;
	while (!(it.__state_ == __state_ && it.__entry_.data() == __entry_.data()) && it.__state_ != _AtEnd) {
		before = it;
		it.__increment();
	}
	return *this = before;
}
int path::__compare(string_view o) const
{
	path other(o);
	if (has_root_directory() != other.has_root_directory())
		return has_root_directory() ? 1 : -1;
	iterator a = begin(), b = other.begin();
	for (; a.__state_ != iterator::_AtEnd && b.__state_ != iterator::_AtEnd; a.__increment(), b.__increment())
		if (int c = a.__stashed_elem_.native().compare(b.__stashed_elem_.native()))
			return c;
	return int(a.__state_ != iterator::_AtEnd) - int(b.__state_ != iterator::_AtEnd);
}
size_t hash_value(const path &p) noexcept
{
	size_t h = 0;
	for (const path &e : p)
		h = h * 31 + std::hash<string>()(e.native());
	return h;
}
path path::lexically_normal() const
{
	if (empty())
		return *this;
	std::vector<text> names;
	bool root = has_root_directory(), slash = false;
	for (const path &e : *this) {
		const text &n = e.native();
		slash = n.empty() || n == "." || n == "..";
		if (n == "/" || n.empty() || n == ".")
			continue;
		if (n == "..") {
			if (!names.empty() && names.back() != "..") {
				names.pop_back();
				continue;
			}
			if (root)
				continue;
			slash = false;
		}
		names.push_back(n);
	}
	text s = root ? "/" : "";
	for (size_t i = 0; i < names.size(); i++)
		s += (i ? "/" : "") + names[i];
	if (slash && !names.empty() && names.back() != "..")
		s += "/";
	return s.empty() ? path(".") : path(s);
}
path path::lexically_relative(const path &base) const
{
	if (has_root_directory() != base.has_root_directory())
		return {};
	std::vector<path> a(begin(), end()), b(base.begin(), base.end());
	size_t i = 0;
	while (i < a.size() && i < b.size() && a[i].native() == b[i].native())
		i++;
	if (i == a.size() && i == b.size())
		return ".";
	int up = 0;
	for (size_t j = i; j < b.size(); j++)
		if (b[j].native() == "..")
			up--;
		else if (!b[j].empty() && b[j].native() != ".")
			up++;
	if (up < 0)
		return {};
	if (up == 0 && (i == a.size() || a[i].empty()))
		return ".";
	path r;
	while (up-- > 0)
		r /= "..";
	for (; i < a.size(); i++)
		r /= a[i];
	return r;
}

static file_type kind(mode_t m)
{
	switch (m & S_IFMT) {
	case S_IFREG: return file_type::regular;
	case S_IFDIR: return file_type::directory;
	case S_IFLNK: return file_type::symlink;
	case S_IFBLK: return file_type::block;
	case S_IFCHR: return file_type::character;
	case S_IFIFO: return file_type::fifo;
	case S_IFSOCK: return file_type::socket;
	}
	return file_type::unknown;
}
static file_status status_of(const char *what, const path &p, int r, const struct stat &st, error_code *ec)
{
	if (r == 0) {
		fine(ec);
		return file_status(kind(st.st_mode), perms(st.st_mode & 07777));
	}
	if (errno == ENOENT || errno == ENOTDIR) {
		if (ec)
			*ec = error_code(errno, generic_category());
		return file_status(file_type::not_found);
	}
	failed(what, errno, ec, p);
	return file_status(file_type::none);
}
file_status __status(const path &p, error_code *ec)
{
	struct stat st;
	int r = stat(p.c_str(), &st);
	return status_of("status", p, r, st, ec);
}
file_status __symlink_status(const path &p, error_code *ec)
{
	struct stat st;
	int r = lstat(p.c_str(), &st);
	return status_of("symlink_status", p, r, st, ec);
}
uintmax_t __file_size(const path &p, error_code *ec)
{
	struct stat st;
	int e = stat(p.c_str(), &st) < 0 ? errno : S_ISDIR(st.st_mode) ? EISDIR : S_ISREG(st.st_mode) ? 0 : ENOTSUP;
	if (e) {
		failed("file_size", e, ec, p);
		return uintmax_t(-1);
	}
	fine(ec);
	return st.st_size;
}
uintmax_t __hard_link_count(const path &p, error_code *ec)
{
	struct stat st;
	if (stat(p.c_str(), &st) < 0) {
		failed("hard_link_count", errno, ec, p);
		return uintmax_t(-1);
	}
	fine(ec);
	return st.st_nlink;
}
bool __equivalent(const path &p, const path &q, error_code *ec)
{
	struct stat a, b;
	if (stat(p.c_str(), &a) < 0 || stat(q.c_str(), &b) < 0) {
		failed("equivalent", errno, ec, p, &q);
		return false;
	}
	fine(ec);
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}
static bool said(const char *what, bool ok, error_code *ec, const path &p, const path *q = nullptr)
{
	if (ok)
		fine(ec);
	else
		failed(what, errno, ec, p, q);
	return ok;
}
bool __remove(const path &p, error_code *ec)
{
	if (::remove(p.c_str()) < 0) {
		if (errno == ENOENT)
			fine(ec);
		else
			failed("remove", errno, ec, p);
		return false;
	}
	fine(ec);
	return true;
}
/* Counts what it has removed in n; 0 or errno. */
static int remove_tree(const path &p, uintmax_t &n)
{
	struct stat st;
	if (lstat(p.c_str(), &st) < 0)
		return errno == ENOENT ? 0 : errno;
	if (S_ISDIR(st.st_mode)) {
		DIR *d = opendir(p.c_str());
		if (!d)
			return errno;
		std::vector<string> names;
		while (struct dirent *e = readdir(d))
			if (string_view(e->d_name) != "." && string_view(e->d_name) != "..")
				names.push_back(e->d_name);
		closedir(d);
		for (const string &s : names)
			if (int e = remove_tree(p / s, n))
				return e;
	}
	if (::remove(p.c_str()) < 0)
		return errno;
	n++;
	return 0;
}
uintmax_t __remove_all(const path &p, error_code *ec)
{
	uintmax_t n = 0;
	if (int e = remove_tree(p, n)) {
		failed("remove_all", e, ec, p);
		return uintmax_t(-1);
	}
	fine(ec);
	return n;
}
void __rename(const path &p, const path &q, error_code *ec) { said("rename", ::rename(p.c_str(), q.c_str()) == 0, ec, p, &q); }
void __resize_file(const path &p, uintmax_t n, error_code *ec) { said("resize_file", ::truncate(p.c_str(), n) == 0, ec, p); }
bool __create_directory(const path &p, error_code *ec)
{
	if (::mkdir(p.c_str(), 0777) == 0) {
		fine(ec);
		return true;
	}
	int e = errno;
	struct stat st;
	if (e == EEXIST && stat(p.c_str(), &st) == 0 && S_ISDIR(st.st_mode))
		fine(ec);
	else
		failed("create_directory", e, ec, p);
	return false;
}
bool __create_directory(const path &p, const path &like, error_code *ec)
{
	struct stat st;
	int e = stat(like.c_str(), &st) < 0 ? errno : S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
	if (e) {
		failed("create_directory", e, ec, p, &like);
		return false;
	}
	if (!__create_directory(p, ec))
		return false;
	if (::chmod(p.c_str(), st.st_mode & 07777) < 0) {
		e = errno;
		::rmdir(p.c_str());
		failed("create_directory", e, ec, p, &like);
		return false;
	}
	return true;
}
bool __create_directories(const path &p, error_code *ec)
{
	error_code e;
	if (__status(p, &e).type() == file_type::directory) {
		fine(ec);
		return false;
	}
	path parent = p.parent_path();
	if (!parent.empty() && parent != p && __status(parent, &e).type() == file_type::not_found) {
		__create_directories(parent, ec);
		if (ec && *ec)
			return false;
	}
	return __create_directory(p, ec);
}
void __create_symlink(const path &to, const path &p, error_code *ec) { said("create_symlink", ::symlink(to.c_str(), p.c_str()) == 0, ec, to, &p); }
void __create_directory_symlink(const path &to, const path &p, error_code *ec) { __create_symlink(to, p, ec); }
void __create_hard_link(const path &to, const path &p, error_code *ec) { said("create_hard_link", ::link(to.c_str(), p.c_str()) == 0, ec, to, &p); }
path __read_symlink(const path &p, error_code *ec)
{
	char b[PATH_MAX];
	ssize_t n = ::readlink(p.c_str(), b, sizeof b);
	if (!said("read_symlink", n >= 0, ec, p))
		return {};
	return string(b, n);
}
void __copy_symlink(const path &p, const path &q, error_code *ec)
{
	path to = __read_symlink(p, ec);
	if (!ec || !*ec)
		__create_symlink(to, q, ec);
}
bool __copy_file(const path &p, const path &q, copy_options o, error_code *ec)
{
	struct stat a, b;
	int e = stat(p.c_str(), &a) < 0 ? errno : S_ISREG(a.st_mode) ? 0 : ENOTSUP;
	if (e) {
		failed("copy_file", e, ec, p, &q);
		return false;
	}
	if (stat(q.c_str(), &b) == 0) {
		bool newer = a.st_mtimespec.tv_sec > b.st_mtimespec.tv_sec ||
			(a.st_mtimespec.tv_sec == b.st_mtimespec.tv_sec && a.st_mtimespec.tv_nsec > b.st_mtimespec.tv_nsec);
		bool skip = (o & copy_options::skip_existing) != copy_options::none ||
			((o & copy_options::update_existing) != copy_options::none && !newer);
		bool may = (o & (copy_options::overwrite_existing | copy_options::update_existing)) != copy_options::none;
		if (skip) {
			fine(ec);
			return false;
		}
		if (!may || (a.st_dev == b.st_dev && a.st_ino == b.st_ino)) {
			failed("copy_file", EEXIST, ec, p, &q);
			return false;
		}
	}
	return said("copy_file", copyfile(p.c_str(), q.c_str(), nullptr, COPYFILE_DATA) == 0, ec, p, &q);
}
path __current_path(error_code *ec)
{
	char b[PATH_MAX];
	return said("current_path", getcwd(b, sizeof b) != nullptr, ec, path()) ? path(b) : path();
}
void __current_path(const path &p, error_code *ec) { said("current_path", chdir(p.c_str()) == 0, ec, p); }
path __absolute(const path &p, error_code *ec)
{
	if (p.is_absolute()) {
		fine(ec);
		return p;
	}
	path cwd = __current_path(ec);
	return cwd.empty() ? path() : cwd / p;
}
path __canonical(const path &p, error_code *ec)
{
	char b[PATH_MAX];
	return said("canonical", ::realpath(p.c_str(), b) != nullptr, ec, p) ? path(b) : path();
}
path __weakly_canonical(const path &p, error_code *ec)
{
	/* As much as there is of it, then the rest as text. */
	path head = p, tail;
	while (!head.empty()) {
		error_code e;
		file_type t = __status(head, &e).type();
		if (t == file_type::none) {
			failed("weakly_canonical", e.value(), ec, p);
			return {};
		}
		if (t != file_type::not_found)
			break;
		tail = tail.empty() ? head.filename() : head.filename() / tail;
		if (!head.has_relative_path())
			break;
		head = head.parent_path();
	}
	fine(ec);
	if (head.empty())
		return tail.lexically_normal();
	path real = __canonical(head, ec);
	if (ec && *ec)
		return {};
	return tail.empty() ? real : (real / tail).lexically_normal();
}
path __temp_directory_path(error_code *ec)
{
	for (const char *v : { "TMPDIR", "TMP", "TEMP", "TEMPDIR" })
		if (const char *s = getenv(v)) {
			fine(ec);
			return s;
		}
	fine(ec);
	return "/tmp";
}
void __permissions(const path &p, perms m, perm_options o, error_code *ec)
{
	bool follow = (o & perm_options::nofollow) == perm_options();
	if ((o & (perm_options::add | perm_options::remove)) != perm_options()) {
		struct stat st;
		if (!said("permissions", (follow ? stat(p.c_str(), &st) : lstat(p.c_str(), &st)) == 0, ec, p))
			return;
		perms now = perms(st.st_mode & 07777);
		m = (o & perm_options::add) != perm_options() ? now | m : now & ~m;
	}
	said("permissions", fchmodat(AT_FDCWD, p.c_str(), mode_t(m & perms::mask), follow ? 0 : AT_SYMLINK_NOFOLLOW) == 0, ec, p);
}
bool __fs_is_empty(const path &p, error_code *ec)
{
	error_code e;
	file_status s = __status(p, &e);
	if (s.type() == file_type::directory) {
		directory_iterator it = ec ? directory_iterator(p, *ec) : directory_iterator(p);
		return it == directory_iterator();
	}
	return __file_size(p, ec) == 0;
}

class _LIBCPP_HIDDEN __dir_stream {
public:
	DIR *d;
	path root;
	directory_entry entry;
	__dir_stream(DIR *d, const path &p) : d(d), root(p) {}
	~__dir_stream() { closedir(d); }
	/* false at the end, with errno 0, or after an error. */
	bool next()
	{
		for (;;) {
			errno = 0;
			struct dirent *e = readdir(d);
			if (!e)
				return false;
			string_view n(e->d_name);
			if (n == "." || n == "..")
				continue;
			file_type t = e->d_type == DT_UNKNOWN ? file_type::unknown : kind(mode_t(e->d_type) << 12);
			entry.__assign_iter_entry(root / n, directory_entry::__create_iter_result(t));
			return true;
		}
	}
};
directory_iterator::directory_iterator(const path &p, error_code *ec, directory_options o)
{
	fine(ec);
	DIR *d = opendir(p.c_str());
	if (!d) {
		if (errno != EACCES || (o & directory_options::skip_permission_denied) == directory_options::none)
			failed("directory_iterator::directory_iterator(...)", errno, ec, p);
		return;
	}
	__imp_ = std::make_shared<__dir_stream>(d, p);
	__increment(ec);
}
directory_iterator &directory_iterator::__increment(error_code *ec)
{
	fine(ec);
	if (!__imp_->next()) {
		int e = errno;
		path root = std::move(__imp_->root);
		__imp_.reset();
		if (e)
			failed("directory_iterator::operator++()", e, ec, root);
	}
	return *this;
}
const directory_entry &directory_iterator::__dereference() const { return __imp_->entry; }
_LIBCPP_END_NAMESPACE_FILESYSTEM
