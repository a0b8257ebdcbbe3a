// SPDX-License-Identifier: GPL-2.0
#include "cli/workplace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "base/file.h"
#include "base/path.h"

namespace daxbreak {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view stem = "daxbreak-run-";

Result<Fd> lock_folder(const fs::path& where) {
  auto fd = open_file(where, O_RDONLY | O_DIRECTORY);
  if (!fd) return fd.error();
  if (flock(fd->get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno == EWOULDBLOCK)
    return Error{fmt::format(
        "another daxbreak works in {}, or a task of one is stuck there; wait for it, or "
        "take another directory",
        where.string())};
  return errno_error("lock " + where.string());
}

/// Whether a path is a folder that a run made: its whole name, its kind and its owner are right.
/// Anything else that merely begins like one is somebody's data.
bool is_workplace(const fs::path& path) {
  const std::string name = path.filename();
  if (!name.starts_with(stem) || name.size() == stem.size()) return false;
  if (name.find_first_not_of("0123456789", stem.size()) != std::string::npos) return false;
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::geteuid();
}

/// With the lock held: every such folder is a dead run's.
Result<std::vector<fs::path>> clear_locked(const fs::path& where) {
  std::vector<fs::path> stale;
  auto entries = list_folder(where);
  if (!entries) return entries.error();
  std::copy_if(entries->begin(), entries->end(), std::back_inserter(stale), is_workplace);
  for (const fs::path& path : stale) {
    std::error_code problem;
    fs::remove_all(path, problem);
    if (problem) return Error{"remove " + path.string(), problem.value()};
  }
  return stale;
}

}  // namespace

Result<Workplace> Workplace::make(const fs::path& where) {
  auto lock = lock_folder(where);
  if (!lock) return lock.error();
  if (auto cleared = clear_locked(where); !cleared) return cleared.error();
  fs::path path = where / fmt::format("{}{}", stem, getpid());
  if (mkdir(path.c_str(), 0700) != 0) return errno_error("make " + path.string());
  return Workplace(std::move(path), std::move(*lock));
}

Workplace::~Workplace() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Result<std::vector<fs::path>> clear_workplaces(const fs::path& where) {
  auto lock = lock_folder(where);
  if (!lock) return lock.error();
  return clear_locked(where);
}

}  // namespace daxbreak
