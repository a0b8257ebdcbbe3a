// SPDX-License-Identifier: GPL-2.0
/// The syntax of job files, which is fio's: sections, keys, comments, ${VAR}, include.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace daxbreak {

/// A place in a job file, counted from 1. Line 0: no file but a switch of the command line.
struct IniPlace {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;

  /// "smoke.job:12:5", or the switch's name.
  [[nodiscard]] std::string text() const;
};

/// One `key=value`, or a key that stands alone (has_value false).
struct IniEntry {
  std::string key;
  std::string value;  ///< blanks around it removed, ${VAR} replaced
  bool has_value = false;
  std::string unset;  ///< names of the ${VAR}s in it that are not set, for a better error
  IniPlace key_at;
  IniPlace value_at;
};

/// A section with its own entries, in the order of the file. Nothing is inherited yet.
struct IniSection {
  std::string name;
  IniPlace at;
  std::vector<IniEntry> entries;
};

/// Where files and variables come from; a test brings its own.
struct IniSources {
  std::function<Result<std::string>(const std::filesystem::path&)> read;
  std::function<std::optional<std::string>(const std::string&)> variable;

  /// The filesystem and the environment of this process.
  [[nodiscard]] static IniSources real();
};

/// An Error whose sentence starts with the place.
[[nodiscard]] Error error_at(const IniPlace& place, std::string_view sentence);

/// Reads a file of sections. fio's rules (fio(1), "JOB FILE FORMAT"; fio 3.33, init.c,
/// __parse_jobs_ini()): a line may be blank, a comment that starts with ; or #, `[name]`, a key, a
/// `key=value`, or `include FILE`, where FILE has no sections and is sought beside the including
/// file. A comment after a value is preceded by a blank. ${VAR} in a value is replaced by the
/// environment variable, by nothing if it is not set.
[[nodiscard]] Result<std::vector<IniSection>> read_ini(const std::filesystem::path& file,
                                                       const IniSources& sources);

/// ${VAR} replaced; names that are not set are appended to `unset`, separated by blanks.
[[nodiscard]] std::string replace_variables(std::string_view text, const IniSources& sources,
                                            std::string& unset);

}  // namespace daxbreak
