// SPDX-License-Identifier: GPL-2.0
/// The kernels the lab knows: one small file each in configs/kernels.
///
/// A file is named as the kernel is called (`daxbreak run --kernels 6.1`) and holds `key = value`
/// lines; `#` begins a comment. Keys:
///
///     title     what to call it in a sentence: "Debian 12 (bookworm)"
///     suite     the Debian suite it comes from; whatever is newest there is taken
///     security  yes: the suite has a -security suite, whose kernel is taken when it is newer
///     package   the metapackage that names the newest kernel of the suite
///     append    kernel parameters of this entry
///     default   yes: it is run when no kernel is named
///
/// Instead of `package`, an entry whose kernel the lab builds (lab/kernel_build.h) has
///
///     source    the suite's package with the kernel's source: linux-source-6.1
///     patch     patches over it, comma separated, from the catalogue's folder; may be absent
///     config    fragments over `make tinyconfig`, likewise
///
/// Entries that differ in nothing but title, append and default share one built kernel.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace daxbreak {

/// Where one kernel comes from.
struct KernelSource {
  std::string name;   ///< the file's name
  std::string title;  ///< for people
  std::string suite;
  std::string package;                         ///< empty: the lab builds it, of
  std::string source;                          ///< this package,
  std::vector<std::filesystem::path> patches;  ///< with these patches
  std::vector<std::filesystem::path> configs;  ///< and these fragments of configuration
  std::string append;                          ///< kernel parameters
  bool security = false;                       ///< `suite`-security is read too
  bool by_default = false;                     ///< run when no kernel is named

  [[nodiscard]] bool built() const { return !source.empty(); }
};

/// One file's text. `file` is what errors call it: "configs/kernels/6.1:4: unknown key 'sute'".
[[nodiscard]] Result<KernelSource> parse_kernel_source(std::string_view text,
                                                       const std::filesystem::path& file);

/// Every kernel in the folder, in the order of their versions: 5.10 before 6.1 before 6.12, names
/// that are not numbers last. Folders, hidden files and editors' leavings (~) are not looked at.
[[nodiscard]] Result<std::vector<KernelSource>> read_catalogue(const std::filesystem::path& folder);

/// The kernel of that name; the Error lists those there are.
[[nodiscard]] Result<KernelSource> find_kernel(const std::vector<KernelSource>& catalogue,
                                               const std::string& name);

}  // namespace daxbreak
