// SPDX-License-Identifier: GPL-2.0
#include "lab/cpio.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <limits>
#include <utility>

#include "base/file.h"

namespace daxbreak {
namespace {

constexpr std::size_t flush_at = std::size_t{1} << 20;

}  // namespace

CpioWriter::CpioWriter(Fd fd, std::filesystem::path archive)
    : fd_(std::move(fd)), archive_(std::move(archive)) {}

Result<CpioWriter> CpioWriter::create(const std::filesystem::path& archive) {
  auto fd = open_file(archive, O_WRONLY | O_CREAT | O_TRUNC);
  if (!fd) return fd.error();
  return CpioWriter(std::move(*fd), archive);
}

void CpioWriter::pad(std::size_t to) {
  buffer_.append((to - size() % to) % to, '\0');
}

Result<void> CpioWriter::flush() {
  if (auto put = write_all(fd_.get(), buffer_); !put)
    return Error{"write " + archive_.string(), put.error().number};
  written_ += buffer_.size();
  buffer_.clear();
  return ok();
}

Result<void> CpioWriter::add(const std::string& name, mode_t mode, std::string_view bytes,
                             unsigned major, unsigned minor) {
  if (bytes.size() > std::numeric_limits<std::uint32_t>::max())
    return Error{fmt::format("{} is too large for an initramfs", name), EFBIG};
  // magic, inode, mode, uid, gid, links, mtime, size, device of the file (2), device node (2),
  // length of the name with its NUL, checksum (unused by this kind).
  buffer_ += fmt::format(
      "070701{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}",
      ++inode_, mode, 0, 0, 1, 0, bytes.size(), 0, 0, major, minor, name.size() + 1, 0);
  buffer_ += name;
  buffer_ += '\0';
  pad(4);
  buffer_ += bytes;
  pad(4);
  if (buffer_.size() >= flush_at) return flush();
  return ok();
}

Result<void> CpioWriter::add_parents(const std::string& name) {
  for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
    const std::string folder = name.substr(0, slash);
    if (!folders_.insert(folder).second) continue;
    if (auto added = add(folder, S_IFDIR | 0755, {}); !added) return added;
  }
  return ok();
}

Result<void> CpioWriter::add_folder(const std::string& name, mode_t mode) {
  if (auto parents = add_parents(name); !parents) return parents;
  if (!folders_.insert(name).second) return ok();
  return add(name, S_IFDIR | mode, {});
}

Result<void> CpioWriter::add_file(const std::string& name, std::string_view bytes, mode_t mode) {
  if (auto parents = add_parents(name); !parents) return parents;
  return add(name, S_IFREG | mode, bytes);
}

Result<void> CpioWriter::add_host_file(const std::string& name, const std::filesystem::path& host,
                                       mode_t mode) {
  auto bytes = read_file(host);
  if (!bytes) return bytes.error();
  return add_file(name, *bytes, mode);
}

Result<void> CpioWriter::add_link(const std::string& name, const std::string& target) {
  if (auto parents = add_parents(name); !parents) return parents;
  return add(name, S_IFLNK | 0777, target);
}

Result<void> CpioWriter::add_character_device(const std::string& name, unsigned major,
                                              unsigned minor, mode_t mode) {
  if (auto parents = add_parents(name); !parents) return parents;
  return add(name, S_IFCHR | mode, {}, major, minor);
}

Result<void> CpioWriter::finish() {
  if (auto added = add("TRAILER!!!", 0, {}); !added) return added;
  pad(512);
  return flush();
}

}  // namespace daxbreak
