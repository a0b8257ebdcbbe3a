// SPDX-License-Identifier: GPL-2.0
/// The folder where fetched kernels and guest images are kept between runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// Told, in one short line each, what is being done: "fetch linux-image-... (54 MB)".
using TellStage = std::function<void(std::string_view)>;

/// A part of the cache held against other runs; given back when it goes out of scope, or when the
/// process dies.
class CacheLock {
 public:
  explicit CacheLock(Fd fd) : fd_(std::move(fd)) {}

 private:
  Fd fd_;
};

/// The cache. Several runs may use one at once: whoever builds a part holds its lock, builds beside
/// the place and renames.
class Cache {
 public:
  /// `root`, or when that is empty $XDG_CACHE_HOME/daxbreak, or ~/.cache/daxbreak. Makes it.
  [[nodiscard]] static Result<Cache> open(const std::filesystem::path& root = {});

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

  /// A folder inside, made if it is not there. "apt/6.1".
  [[nodiscard]] Result<std::filesystem::path> folder(const std::string& name) const;

  /// Takes the lock of that name. When another run has it, says so to `tell` and waits, at most
  /// `limit`, or until `stop` asks for the end (ECANCELED).
  [[nodiscard]] Result<CacheLock> lock(const std::string& name, Nanos limit, const TellStage& tell,
                                       const std::stop_token& stop = {}) const;

  /// ENOSPC in one sentence, if fewer than `bytes` are free: "no space for the kernel 6.1 in
  /// /home/a/.cache/daxbreak: 480 MB are needed, 12 MB are free".
  [[nodiscard]] Result<void> need_space(std::uint64_t bytes, std::string_view what) const;

 private:
  explicit Cache(std::filesystem::path root) : root_(std::move(root)) {}
  std::filesystem::path root_;
};

/// A folder that is removed again unless keep() renamed it into its place: no half-built part of
/// the cache is ever seen.
class ScratchFolder {
 public:
  /// Makes `.partial-<pid>-<n>` in `parent`, clearing what runs that died left there. Call it with
  /// the lock of that parent held.
  [[nodiscard]] static Result<ScratchFolder> make(const std::filesystem::path& parent);
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Renames the folder to `place`, replacing what is there.
  [[nodiscard]] Result<void> keep(const std::filesystem::path& place);

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// Notes that this file or folder was used now, so that prune() leaves it.
void touch(const std::filesystem::path& path);

/// Age of a file or folder since it was last touched. A file that is not there is infinitely old.
[[nodiscard]] Nanos age_of(const std::filesystem::path& path);

/// Removes the entries of `folder` whose name begins with `stem`, that are not `keep`, and that
/// nobody touched for `age`: another run may still be booting from them. Failures are not errors.
void prune(const std::filesystem::path& folder, std::string_view stem, std::string_view keep,
           Nanos age);

/// 64-bit FNV-1a over what makes a cached part what it is, printed as 16 hexadecimal digits.
/// Not for secrets: it tells builds apart.
class Fingerprint {
 public:
  void add(std::string_view text);
  /// The file's path, size and time of change.
  [[nodiscard]] Result<void> add_file(const std::filesystem::path& file);
  [[nodiscard]] std::string text() const;

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace daxbreak
