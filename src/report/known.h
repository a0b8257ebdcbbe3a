// SPDX-License-Identifier: GPL-2.0
/// Defects that are known already. They annotate reports; no oracle ever asks about them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "result/record.h"

namespace daxbreak {

/// One section of configs/known-findings. Every list holds shell patterns (fnmatch(3): "odirect-*")
/// of which one must match; an empty list matches everything.
struct KnownFinding {
  std::string id;                     ///< the section's name: "bio-put-loses-wake"
  std::vector<std::string> kinds;     ///< kinds of finding it explains; never empty
  std::vector<std::string> schemes;   ///< scheme names
  std::vector<std::string> releases;  ///< uname -r, where a scheme alone does not tell
  std::vector<std::string> filesystems;
  std::vector<std::string> pages;  ///< "4k", "2m"
  std::vector<std::string> pins;
  std::vector<std::string> breakers;
  std::vector<std::string> disturbers;
  std::vector<std::string> memories;
  std::vector<std::string> ranges;
  std::vector<std::string> gates;
  /// Not empty: it is about measurements with these loads, and about no cell.
  std::vector<std::string> loads;
  std::vector<std::string> sentences;  ///< what the finding says; a pattern holds no blank
  std::string reference;               ///< upstream commit, or subject on a mailing list
  std::string note;                    ///< what goes wrong, in a sentence or two
};

/// Reads the sections of a known-findings file. Errors: "name:line: what is wrong".
[[nodiscard]] Result<std::vector<KnownFinding>> parse_known_findings(std::string_view text,
                                                                     const std::string& name);

/// parse_known_findings() of a file.
[[nodiscard]] Result<std::vector<KnownFinding>> load_known_findings(
    const std::filesystem::path& path);

/// The entry that explains one finding of a trial, or nullptr.
[[nodiscard]] const KnownFinding* explain(const Finding& finding, const Cell& cell,
                                          const Environment& environment,
                                          const std::vector<KnownFinding>& known);

/// True if the trial failed and every one of its findings is explained.
[[nodiscard]] bool all_known(const TrialRecord& trial, const Environment& environment,
                             const std::vector<KnownFinding>& known);

/// The same of a measurement: entries that name loads, by what a measurement has of their keys.
[[nodiscard]] const KnownFinding* explain(const Finding& finding, const MeasureRecord& measure,
                                          const Environment& environment,
                                          const std::vector<KnownFinding>& known);
[[nodiscard]] bool all_known(const MeasureRecord& measure, const Environment& environment,
                             const std::vector<KnownFinding>& known);

}  // namespace daxbreak
