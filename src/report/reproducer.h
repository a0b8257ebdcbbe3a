// SPDX-License-Identifier: GPL-2.0
/// A cell as a C program that stands alone: for the maintainer who has no daxbreak.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "trial/cell.h"

namespace daxbreak {

/// The program, put together from the skeleton and the recipes of the cell's kinds (what those may
/// use: workloads/recipe.h). It is run as `./repro DIR [DEVICE]` and exits with 0 if nothing was
/// wrong, 1 if something was shown, 2 if it could not run. An Error names the kind that does not
/// exist or has no recipe. Pure but for the registries' content.
[[nodiscard]] Result<std::string> reproducer(const Cell& cell);

/// What a skeleton is filled with.
struct SkeletonFilling {
  std::set<std::string, std::less<>> flags;
  std::map<std::string, std::string, std::less<>> values;
};

/// A skeleton with everything in its place. Lines between `@if FLAG` (or `@if !FLAG`) and `@end`
/// stay if the flag is (not) set; these may nest. `@NAME@` stands for a value; alone on its line
/// it may have many lines, which get its indentation, or none. Pure.
[[nodiscard]] std::string fill_skeleton(std::string_view skeleton, const SkeletonFilling& filling);

/// C of any indentation (tabs, or two blanks a level) as the kernel indents it, at level 0. Pure.
[[nodiscard]] std::string with_tabs(std::string_view code);

}  // namespace daxbreak
