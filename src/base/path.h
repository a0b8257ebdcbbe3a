// SPDX-License-Identifier: GPL-2.0
/// Questions to the file system about a path.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"

namespace daxbreak {

/// What a folder holds, except "." and "..", in the order of the names. Entries that vanish
/// meanwhile are no error. (A range-for over a directory_iterator throws where reading fails
/// halfway.)
[[nodiscard]] Result<std::vector<std::filesystem::path>> list_folder(
    const std::filesystem::path& folder);

/// Whether a file could be written there later, replacing what is there; an Error with the reason
/// if not. Changes nothing, so what is in the file stays until there is something better.
[[nodiscard]] Result<void> check_writable(const std::filesystem::path& file);

}  // namespace daxbreak
