// SPDX-License-Identifier: GPL-2.0
#include "base/path.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace daxbreak {

namespace fs = std::filesystem;

Result<std::vector<fs::path>> list_folder(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code problem;
  for (fs::directory_iterator at(folder, problem), end; !problem && at != end;
       at.increment(problem))
    entries.push_back(at->path());
  if (problem) return Error{"read the folder " + folder.string(), problem.value()};
  std::sort(entries.begin(), entries.end());
  return entries;
}

Result<void> check_writable(const fs::path& file) {
  const std::string doing = "write " + file.string();
  std::error_code problem;
  const fs::file_status there = fs::status(file, problem);
  if (fs::is_directory(there)) return Error{doing, EISDIR};
  if (fs::exists(there)) {
    if (::access(file.c_str(), W_OK) != 0) return errno_error(doing);
    return ok();
  }
  if (there.type() != fs::file_type::not_found) return Error{doing, problem.value()};
  const fs::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (!file.has_filename()) return Error{doing, EISDIR};
  // With the dot, a file in the folder's place is told as such.
  if (::access((folder / ".").c_str(), W_OK | X_OK) != 0) return errno_error(doing);
  return ok();
}

}  // namespace daxbreak
