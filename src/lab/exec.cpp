// SPDX-License-Identifier: GPL-2.0
#include "lab/exec.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>

#include "base/file.h"
#include "lab/cpio.h"
#include "lab/ending.h"
#include "lab/frames.h"
#include "lab/guest_exec.h"
#include "lab/initramfs.h"
#include "lab/lab_options.h"
#include "lab/machine.h"
#include "lab/session.h"

namespace daxbreak {
namespace {
namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr std::size_t console_lines_shown = 30;

/// An absolute path's name in an archive.
std::string in_archive(const fs::path& path) {
  return path.relative_path().string();
}

/// The command and its files as one more archive of the initrd.
Result<void> write_archive(const ExecCommand& command, const fs::path& file) {
  auto archive = CpioWriter::create(file);
  if (!archive) return archive.error();
  std::string words;
  for (const std::string& word : command.words)
    words += word + '\0';
  if (auto added = archive->add_file(in_archive(guest_command_file), words); !added) return added;
  for (const fs::path& put : command.put) {
    auto libraries = libraries_of(put);
    if (!libraries) return libraries.error();
    const std::string place = in_archive(guest_put_folder / put.filename());
    if (auto added = archive->add_host_file(place, put, 0755); !added) return added;
    for (const fs::path& library : *libraries)
      if (auto added = archive->add_host_file(in_archive(library), library, 0755); !added)
        return added;
  }
  return archive->finish();
}

/// The kernel's initrd with the archive behind it.
Result<fs::path> write_initrd(const fs::path& initrd, const ExecCommand& command,
                              const fs::path& folder) {
  const fs::path archive = folder / "exec.cpio";
  if (auto written = write_archive(command, archive); !written) return written.error();
  const fs::path whole = folder / "exec.initrd";
  auto out = open_file(whole, O_WRONLY | O_CREAT | O_TRUNC);
  if (!out) return out.error();
  for (const fs::path& part : {initrd, archive}) {
    auto bytes = read_file(part);
    if (!bytes) return bytes.error();
    if (auto put = write_all(out->get(), *bytes); !put)
      return Error{"write " + whole.string(), put.error().number};
  }
  return whole;
}

/// Listens to a guest until its command has ended, or cannot.
class Listener {
 public:
  Listener(Machine& machine, const ExecCommand& command, Nanos until_begun)
      : machine_(machine), command_(command), limit_(until_begun) {}

  Result<ExecResult> listen(const std::stop_token& stop) {
    while (!result_ && !failure_) {
      if (stop.stop_requested()) return Error{"interrupted", ECANCELED};
      // What the guest said last is read before its end is judged.
      const bool gone = machine_.wait_exit(Nanos{});
      wait(gone);
      receive();
      if (result_ || failure_) break;
      if (gone) {
        if (machine_.failed()) return Error{"qemu: " + machine_.complaint()};
        return ended_badly(ExecResult::End::died);
      }
      if (reader_.garbled()) return Error{"the guest talks nonsense"};
      if (limit_.passed()) return ended_badly(ExecResult::End::overdue);
    }
    if (failure_) return Error{*failure_};
    return *result_;
  }

 private:
  void wait(bool gone) const {
    constexpr int tick_ms = 200;
    if (gone) return;
    std::array<pollfd, 2> waits = {{{.fd = machine_.port(), .events = POLLIN, .revents = 0},
                                    {.fd = machine_.exit_fd(), .events = POLLIN, .revents = 0}}};
    ::poll(waits.data(), waits.size(), tick_ms);
  }

  void receive() {
    std::array<char, 65536> chunk{};
    for (;;) {
      const ssize_t got = ::recv(machine_.port(), chunk.data(), chunk.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return;
      for (const Frame& frame : reader_.take({chunk.data(), static_cast<std::size_t>(got)}))
        handle(frame);
    }
  }

  void handle(const Frame& frame) {
    switch (frame.kind) {
      case FrameKind::begun:
        begun_ = true;
        limit_ = Deadline(command_.limit);
        break;
      case FrameKind::output:
        if (command_.output) command_.output(frame.bytes);
        break;
      case FrameKind::error:
        if (command_.error) command_.error(frame.bytes);
        break;
      case FrameKind::status:
        result_.emplace();
        std::from_chars(frame.bytes.data(), frame.bytes.data() + frame.bytes.size(),
                        result_->status);
        break;
      case FrameKind::failed:
        failure_ = frame.bytes;
        break;
    }
  }

  Result<ExecResult> ended_badly(ExecResult::End end) {
    machine_.kill();
    auto lines = telling_lines(machine_.console().lines(), console_lines_shown);
    if (begun_)
      return ExecResult{.end = end, .status = 0, .console = std::move(lines), .accelerator = {}};
    return Error{fmt::format("the guest did not get as far as the command{}{}",
                             lines.empty() ? "" : "; its console ends with:\n  ",
                             fmt::join(lines, "\n  "))};
  }

  Machine& machine_;
  const ExecCommand& command_;
  Deadline limit_;
  FrameReader reader_;
  bool begun_ = false;
  std::optional<ExecResult> result_;
  std::optional<std::string> failure_;
};

}  // namespace

Result<ExecResult> lab_exec(const LabOptions& options, const ExecCommand& command,
                            const std::stop_token& stop) {
  if (auto fine = check_options(options); !fine) return fine.error();
  auto folder = LabDirectory::make();
  if (!folder) return folder.error();
  const LabKernel& kernel = options.kernels.front();
  auto initrd = write_initrd(kernel.initrd, command, folder->path());
  if (!initrd) return initrd.error();
  auto accelerator = choose_accelerator(options, folder->path(), stop);
  if (!accelerator) return accelerator.error();
  auto append = guest_parameters("exec", accelerator->name, options.size.nvdimms) +
                " daxbreak.filesystem=" + command.filesystem;
  for (const auto& more : {options.append, kernel.append})
    append = joined_parameters(append, more);
  auto machine = Machine::start({.vmlinuz = kernel.image.vmlinuz,
                                 .initrd = *initrd,
                                 .append = append,
                                 .accelerator = accelerator->name,
                                 .size = options.size,
                                 .console = folder->path() / "console.log",
                                 .log = folder->path() / "qemu.log"});
  if (!machine) return machine.error();
  const SessionLimits limits = session_limits(accelerator->name, options.patience);
  auto result = Listener(*machine, command, limits.boot + limits.provision).listen(stop);
  if (result) result->accelerator = accelerator->name;
  return result;
}

}  // namespace daxbreak
