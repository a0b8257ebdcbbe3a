// SPDX-License-Identifier: GPL-2.0
#include "lab/cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <limits>

#include "base/file.h"
#include "base/path.h"

namespace daxbreak {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::string_view partial = ".partial-";

Result<fs::path> default_root() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return fs::path(cache) / "daxbreak";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return fs::path(home) / ".cache" / "daxbreak";
  return Error{"neither XDG_CACHE_HOME nor HOME is set: there is no place for the cache"};
}

}  // namespace

Result<Cache> Cache::open(const fs::path& root) {
  fs::path place = root;
  if (place.empty()) {
    auto found = default_root();
    if (!found) return found.error();
    place = *found;
  }
  std::error_code code;
  fs::create_directories(place, code);
  if (code) return Error{"make the cache folder " + place.string(), code.value()};
  place = fs::absolute(place, code);
  if (access(place.c_str(), W_OK) != 0) return errno_error("write to the cache " + place.string());
  return Cache(place);
}

Result<fs::path> Cache::folder(const std::string& name) const {
  const fs::path place = root_ / name;
  std::error_code code;
  fs::create_directories(place, code);
  if (code) return Error{"make " + place.string(), code.value()};
  return place;
}

Result<CacheLock> Cache::lock(const std::string& name, Nanos limit, const TellStage& tell,
                              const std::stop_token& stop) const {
  auto place = folder("locks");
  if (!place) return place.error();
  auto fd = open_file(*place / name, O_RDWR | O_CREAT);
  if (!fd) return fd.error();
  const Deadline deadline(limit);
  bool said = false;
  while (flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return errno_error("lock " + name);
    if (stop.stop_requested()) return Error{"the wait for " + name + " was stopped", ECANCELED};
    if (deadline.passed())
      return Error{fmt::format("another run of daxbreak has held {} for too long", name),
                   ETIMEDOUT};
    if (!said && tell) tell(fmt::format("wait for another run that prepares {}", name));
    said = true;
    sleep_for(100ms);
  }
  return CacheLock(std::move(*fd));
}

Result<void> Cache::need_space(std::uint64_t bytes, std::string_view what) const {
  struct statvfs state {};
  if (statvfs(root_.c_str(), &state) != 0) return errno_error("look at " + root_.string());
  const std::uint64_t free = std::uint64_t{state.f_bavail} * state.f_frsize;
  if (free >= bytes) return ok();
  constexpr std::uint64_t mega = std::uint64_t{1000} * 1000;
  return Error{fmt::format("no space for {} in {}: {} MB are needed, {} MB are free", what,
                           root_.string(), (bytes + mega - 1) / mega, free / mega)};
}

Result<ScratchFolder> ScratchFolder::make(const fs::path& parent) {
  prune(parent, partial, "", 0ns);
  std::string name = (parent / partial).string() + "XXXXXX";
  if (mkdtemp(name.data()) == nullptr) return errno_error("make a folder in " + parent.string());
  // mkdtemp's 0700 is kept: it becomes the mode of the part, in a cache that is the user's own.
  return ScratchFolder(name);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

Result<void> ScratchFolder::keep(const fs::path& place) {
  std::error_code code;
  fs::remove_all(place, code);
  fs::rename(path_, place, code);
  if (code) return Error{"rename to " + place.string(), code.value()};
  path_.clear();
  return ok();
}

void touch(const fs::path& path) {
  utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
}

Nanos age_of(const fs::path& path) {
  struct stat state {};
  if (stat(path.c_str(), &state) != 0) return Nanos::max();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const Nanos then = std::chrono::seconds(state.st_mtim.tv_sec) + Nanos(state.st_mtim.tv_nsec);
  // A time in the future (a clock that was set back) must not keep things for ever.
  return then > now + 1min ? Nanos::max() : std::chrono::duration_cast<Nanos>(now) - then;
}

void prune(const fs::path& folder, std::string_view stem, std::string_view keep, Nanos age) {
  const auto entries = list_folder(folder);
  if (!entries) return;
  for (const fs::path& entry : *entries) {
    const std::string name = entry.filename();
    if (!name.starts_with(stem) || name == keep || age_of(entry) < age) continue;
    std::error_code ignored;
    fs::remove_all(entry, ignored);
  }
}

void Fingerprint::add(std::string_view text) {
  for (const char byte : text) {
    hash_ ^= static_cast<unsigned char>(byte);
    hash_ *= 0x100000001b3;
  }
  hash_ *= 0x100000001b3;  // a NUL between the parts: "ab","c" is not "a","bc"
}

Result<void> Fingerprint::add_file(const fs::path& file) {
  struct stat state {};
  if (stat(file.c_str(), &state) != 0) return errno_error("look at " + file.string());
  add(fmt::format("{} {} {}.{:09}", file.string(), state.st_size, state.st_mtim.tv_sec,
                  state.st_mtim.tv_nsec));
  return ok();
}

std::string Fingerprint::text() const {
  return fmt::format("{:016x}", hash_);
}

}  // namespace daxbreak
