// SPDX-License-Identifier: GPL-2.0
// A process makes the filesystem commit its journal again and again, so that a breaker has to wait
// for it between its layout break and its truncation (ext4: fs/ext4/inode.c, ext4_setattr(),
// ext4_journal_start() after ext4_break_layouts()): what can happen there gets time to happen.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>

#include "base/fd.h"
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

/// The process; ends with this, or with the trial that forked it.
class Committer {
 public:
  explicit Committer(pid_t pid) : pid_(pid) {}
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;
  ~Committer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
};

[[noreturn]] void commit(int file, const FileMapping* mapping) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Not a second mapper of the file.
  if (mapping != nullptr && mapping->data() != nullptr) ::munmap(mapping->data(), mapping->size());
  for (mode_t mode = S_IRUSR;; mode ^= S_IWUSR)
    if (::fchmod(file, mode) != 0 || ::fsync(file) != 0) ::_exit(1);
}

Result<void> begin(Scene& scene) {
  const Fd file(::openat(scene.target.directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR));
  if (!file) return errno_error("make a file without a name");
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork");
  if (pid == 0) commit(file.get(), scene.mapping);
  scene.state = std::make_shared<Committer>(pid);
  return ok();
}

Result<void> end(Scene& scene) {
  scene.state.reset();
  return ok();
}

const DisturberRegistry::Add registered{{
    .name = "busy-journal",
    .help = "another process has the filesystem commit its journal all the time",
    .writes_filesystem = true,
    .needs_mapping = false,
    .before = begin,
    .after = end,
    .recipe = {.before = R"(int journal = open(dir, O_TMPFILE | O_RDWR, 0400);
check(journal >= 0, "make a file without a name");
pid_t committer = fork();
check(committer >= 0, "fork");
if (committer == 0)
	prctl(PR_SET_PDEATHSIG, SIGKILL);
for (int mode = 0400; committer == 0; mode ^= 0200)
	if (fchmod(journal, mode) || fsync(journal))
		_exit(0);
)"},
}};

}  // namespace
}  // namespace daxbreak
