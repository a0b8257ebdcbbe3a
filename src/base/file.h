// SPDX-License-Identifier: GPL-2.0
/// Whole small files (sysfs, procfs, configfs, configuration) read and written at once.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// open(2) with O_CLOEXEC added; the error names the path.
[[nodiscard]] Result<Fd> open_file(const std::filesystem::path& path, int flags, int mode = 0644);

/// The file's whole content. Works on files whose st_size lies (procfs, sysfs).
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path);

/// read_file() with trailing white space removed, as one wants from sysfs.
[[nodiscard]] Result<std::string> read_line(const std::filesystem::path& path);

/// Writes `text` in one write(2), creating or truncating the file, as sysfs and configfs want it.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path, std::string_view text);

/// Writes all of `bytes` at the descriptor's position, through short writes and EINTR.
[[nodiscard]] Result<void> write_all(int fd, std::string_view bytes);

}  // namespace daxbreak
