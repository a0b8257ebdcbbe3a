// SPDX-License-Identifier: GPL-2.0
/// Writes cpio archives of the "newc" kind, the one the kernel unpacks into its root filesystem.
///
/// Source of the format: Documentation/driver-api/early-userspace/buffer-format.rst.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// Writes one archive to a file it creates. Names are relative ("bin/sh"); the folders above an
/// entry are written before it, once. Everything belongs to root and has no time, so that equal
/// contents make equal archives. Archives may follow each other in one initrd: the kernel goes on
/// reading after an archive's end (init/initramfs.c, unpack_to_rootfs()).
class CpioWriter {
 public:
  /// Creates (or truncates) the archive file.
  [[nodiscard]] static Result<CpioWriter> create(const std::filesystem::path& archive);

  [[nodiscard]] Result<void> add_folder(const std::string& name, mode_t mode = 0755);
  [[nodiscard]] Result<void> add_file(const std::string& name, std::string_view bytes,
                                      mode_t mode = 0644);
  /// A file of the host, followed if it is a symbolic link.
  [[nodiscard]] Result<void> add_host_file(const std::string& name,
                                           const std::filesystem::path& host, mode_t mode);
  [[nodiscard]] Result<void> add_link(const std::string& name, const std::string& target);
  [[nodiscard]] Result<void> add_character_device(const std::string& name, unsigned major,
                                                  unsigned minor, mode_t mode);

  /// Writes the end mark and what is still buffered. Without it the archive is not valid.
  [[nodiscard]] Result<void> finish();

  /// Bytes of the archive so far.
  [[nodiscard]] std::uint64_t size() const { return written_ + buffer_.size(); }

 private:
  CpioWriter(Fd fd, std::filesystem::path archive);
  Result<void> add(const std::string& name, mode_t mode, std::string_view bytes, unsigned major = 0,
                   unsigned minor = 0);
  Result<void> add_parents(const std::string& name);
  Result<void> flush();
  void pad(std::size_t to);

  Fd fd_;
  std::filesystem::path archive_;
  std::string buffer_;
  std::set<std::string> folders_;
  std::uint64_t written_ = 0;
  std::uint32_t inode_ = 0;
};

}  // namespace daxbreak
