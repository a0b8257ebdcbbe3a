// SPDX-License-Identifier: GPL-2.0
#include "cli/configs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/nearest.h"
#include "base/path.h"

namespace daxbreak {
namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

}  // namespace

Result<fs::path> config_directory() {
  if (const char* named = std::getenv("DAXBREAK_CONFIGS"); named != nullptr && *named != '\0') {
    if (!is_folder(named))
      return Error{fmt::format("DAXBREAK_CONFIGS names {}, which is not a folder", named)};
    return fs::path(named);
  }
  std::vector<fs::path> places{DAXBREAK_CONFIGS};
  std::error_code problem;
  const fs::path self = fs::read_symlink("/proc/self/exe", problem);
  if (!problem) places.push_back(self.parent_path().parent_path() / "share/daxbreak");
  places.emplace_back("/etc/daxbreak");
  std::string looked;
  for (const fs::path& place : places) {
    if (is_folder(place / "schemes")) return place;
    looked += (looked.empty() ? "" : ", ") + place.string();
  }
  return Error{
      fmt::format("the folder of schemes, kernels and jobs is in none of {}; set "
                  "DAXBREAK_CONFIGS",
                  looked)};
}

Result<std::vector<fs::path>> shipped_jobs() {
  auto configs = config_directory();
  if (!configs) return configs.error();
  auto files = list_folder(*configs / "jobs");
  if (files) std::erase_if(*files, [](const fs::path& file) { return file.extension() != ".job"; });
  return files;
}

Result<fs::path> find_job_file(const std::string& name) {
  std::error_code ignored;
  if (fs::is_directory(name, ignored)) return Error{name + " is a folder, not a job file"};
  if (fs::exists(name, ignored) || name.find('/') != std::string::npos) return fs::path(name);
  auto shipped = shipped_jobs();
  if (!shipped) return fs::path(name);
  std::vector<std::string> known;
  for (const fs::path& path : *shipped) {
    if (path.stem() == name || path.filename() == name) return path;
    known.push_back(path.stem());
  }
  const std::string near = nearest_word(fs::path(name).stem().string(), known);
  if (near.empty())
    return Error{fmt::format("there is no job file {}; with the program come the jobs {}", name,
                             fmt::join(known, ", "))};
  return Error{fmt::format("there is no job file {}; did you mean {}?", name, near)};
}

}  // namespace daxbreak
