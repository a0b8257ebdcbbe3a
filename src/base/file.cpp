// SPDX-License-Identifier: GPL-2.0
#include "base/file.h"

#include <fcntl.h>

#include <array>
#include <cerrno>

namespace daxbreak {

Result<Fd> open_file(const std::filesystem::path& path, int flags, int mode) {
  Fd fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
  if (!fd) return errno_error("open " + path.string());
  return fd;
}

Result<std::string> read_file(const std::filesystem::path& path) {
  auto fd = open_file(path, O_RDONLY);
  if (!fd) return fd.error();
  std::string text;
  std::array<char, 16384> chunk{};
  for (;;) {
    const ssize_t got = ::read(fd->get(), chunk.data(), chunk.size());
    if (got == 0) return text;
    if (got > 0) {
      text.append(chunk.data(), static_cast<std::size_t>(got));
    } else if (errno != EINTR) {
      return errno_error("read " + path.string());
    }
  }
}

Result<std::string> read_line(const std::filesystem::path& path) {
  auto text = read_file(path);
  if (!text) return text;
  const auto last = text->find_last_not_of(" \t\r\n");
  text->erase(last == std::string::npos ? 0 : last + 1);
  return text;
}

Result<void> write_file(const std::filesystem::path& path, std::string_view text) {
  auto fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!fd) return fd.error();
  // What is short is a word for the kernel, and worth telling.
  constexpr std::size_t word = 40;
  if (auto done = write_all(fd->get(), text); !done)
    return Error{text.size() > word ? "write " + path.string()
                                    : "write \"" + std::string(text) + "\" to " + path.string(),
                 done.error().number};
  return ok();
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(put));
    } else if (put == 0 || errno != EINTR) {
      return errno_error("write");
    }
  }
  return ok();
}

}  // namespace daxbreak
