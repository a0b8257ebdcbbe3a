// SPDX-License-Identifier: GPL-2.0
#include "lab/lab_directory.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/path.h"
#include "base/proc.h"

namespace daxbreak {
namespace {
namespace fs = std::filesystem;

constexpr std::string_view prefix = "daxbreak-lab-";

fs::path temporary_root() {
  std::error_code failed;
  auto root = fs::temp_directory_path(failed);  // TMPDIR and its kin, else /tmp
  return failed ? fs::path("/tmp") : root;
}

/// Start time of a process in clock ticks since boot, "" if it is gone.
std::string start_time(const std::string& pid) {
  const auto stat = process_stat(fs::path("/proc") / pid);
  return stat ? std::to_string(stat->start) : "";
}

/// True for the folder of a run that no longer lives: "daxbreak-lab-PID-START-XXXXXX".
bool is_stale(const fs::path& path) {
  const std::string name = path.filename();
  if (!name.starts_with(prefix)) return false;
  const auto pid_end = name.find('-', prefix.size());
  if (pid_end == std::string::npos) return false;
  const auto start_end = name.find('-', pid_end + 1);
  if (start_end == std::string::npos) return false;
  const auto pid = name.substr(prefix.size(), pid_end - prefix.size());
  if (pid.empty() || pid.find_first_not_of("0123456789") != std::string::npos) return false;

  // Another user's folder, or a link planted under our name, is none of our business.
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return false;
  if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid()) return false;
  return start_time(pid) != name.substr(pid_end + 1, start_end - pid_end - 1);
}

}  // namespace

Result<LabDirectory> LabDirectory::make() {
  const auto pid = std::to_string(::getpid());
  std::string name =
      (temporary_root() / fmt::format("{}{}-{}-XXXXXX", prefix, pid, start_time(pid))).string();
  if (::mkdtemp(name.data()) == nullptr) return errno_error("make temporary folder " + name);
  return LabDirectory(fs::path(name));
}

LabDirectory& LabDirectory::operator=(LabDirectory&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

LabDirectory::~LabDirectory() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

Result<std::vector<fs::path>> stale_lab_files() {
  std::vector<fs::path> stale;
  auto entries = list_folder(temporary_root());
  if (!entries) return entries.error();
  std::copy_if(entries->begin(), entries->end(), std::back_inserter(stale), is_stale);
  return stale;
}

Result<void> remove_stale_lab_files() {
  auto stale = stale_lab_files();
  if (!stale) return stale.error();
  for (const auto& path : *stale) {
    std::error_code failed;
    fs::remove_all(path, failed);
    if (failed) return Error{"remove " + path.string(), failed.value()};
  }
  return ok();
}

}  // namespace daxbreak
