// SPDX-License-Identifier: GPL-2.0
#include "kernel/log.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/file.h"

namespace daxbreak {
namespace {

// Our own marker lines may quote anything; they never count.
constexpr std::string_view kOurs = "daxbreak: ";

// The machine cannot be trusted any longer. (lib/bug.c, kernel/panic.c,
// arch/x86/kernel/dumpstack.c, arch/x86/mm/fault.c, kernel/watchdog.c, mm/kasan/report.c)
constexpr std::array kFatal{
    std::string_view{"BUG:"},
    std::string_view{"kernel BUG at"},
    std::string_view{"Oops:"},
    std::string_view{"Oops"},
    std::string_view{"general protection fault"},
    std::string_view{"unable to handle"},
    std::string_view{"Unable to handle"},
    std::string_view{"Kernel panic"},
    std::string_view{"soft lockup"},
    std::string_view{"hard LOCKUP"},
    std::string_view{"Internal error:"},
    std::string_view{"double fault:"},
    std::string_view{"stack guard page was hit"},
};

// Not well, but still running. (kernel/panic.c __warn(), kernel/hung_task.c,
// kernel/rcu/tree_stall.h, kernel/locking/lockdep.c, lib/ubsan.c, lib/list_debug.c)
constexpr std::array kUnwell{
    std::string_view{"WARNING:"},
    std::string_view{"blocked for more than"},
    std::string_view{"self-detected stall"},
    std::string_view{"detected stalls on CPUs"},
    std::string_view{"detected expedited stalls"},
    std::string_view{"rcu_preempt kthread starved"},
    std::string_view{"rcu_sched kthread starved"},
    std::string_view{"possible circular locking dependency"},
    std::string_view{"possible recursive locking"},
    std::string_view{"possible irq lock inversion"},
    std::string_view{"inconsistent lock state"},
    std::string_view{"suspicious RCU usage"},
    std::string_view{"bad unlock balance"},
    std::string_view{"trying to register non-static key"},
    std::string_view{"UBSAN:"},
    std::string_view{"list_add corruption"},
    std::string_view{"list_del corruption"},
    std::string_view{"refcount_t:"},
    std::string_view{"Bad page state"},
    std::string_view{"INFO: task"},
};

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// `phrase` as words of its own: "DEBUG: x" does not hold "BUG:", nor "Oopsy" "Oops".
bool holds(std::string_view line, std::string_view phrase) {
  for (auto at = line.find(phrase); at != std::string_view::npos; at = line.find(phrase, at + 1)) {
    const auto end = at + phrase.size();
    const bool starts = at == 0 || !is_letter(line[at - 1]);
    const bool ends = end == line.size() || !is_letter(phrase.back()) || !is_letter(line[end]);
    if (starts && ends) return true;
  }
  return false;
}

template <class Phrases>
bool holds_any(std::string_view line, const Phrases& phrases) {
  return !line.starts_with(kOurs) &&
         std::any_of(phrases.begin(), phrases.end(),
                     [&](std::string_view phrase) { return holds(line, phrase); });
}

// "6,1234,5678901,-;text\n KEY=value\n" -> "text", or "" for a record that user space wrote.
// (Documentation/ABI/testing/dev-kmsg: the number is facility << 3 | level; facility 0 is the
// kernel's, and user space cannot use it.)
std::string_view kernel_text(std::string_view record) {
  unsigned priority = 0;
  std::from_chars(record.data(), record.data() + record.size(), priority);
  if (priority >> 3 != 0) return {};
  const auto start = record.find(';');
  if (start == std::string_view::npos) return {};
  record.remove_prefix(start + 1);
  return record.substr(0, record.find('\n'));
}

}  // namespace

bool is_fatal(std::string_view line) {
  return holds_any(line, kFatal);
}

bool is_complaint(std::string_view line) {
  return is_fatal(line) || holds_any(line, kUnwell);
}

Result<KernelLog> KernelLog::open() {
  auto fd = open_file("/dev/kmsg", O_RDONLY | O_NONBLOCK);
  if (!fd) return fd.error();
  if (::lseek(fd->get(), 0, SEEK_END) < 0) return errno_error("seek to the end of /dev/kmsg");
  return KernelLog(std::move(*fd));
}

Result<void> KernelLog::mark() {
  if (::lseek(fd_.get(), 0, SEEK_END) < 0) return errno_error("seek to the end of /dev/kmsg");
  // Best effort: without debugfs a second WARN_ON_ONCE is masked, which the header says.
  (void)write_file("/sys/kernel/debug/clear_warn_once", "1");
  return ok();
}

Result<std::vector<std::string>> KernelLog::lines() {
  std::vector<std::string> lines;
  // A record is at most CONSOLE_EXT_LOG_MAX, 8 KiB (include/linux/printk.h).
  std::array<char, 8192> record;
  for (;;) {
    const auto got = ::read(fd_.get(), record.data(), record.size());
    if (got < 0) {
      if (errno == EAGAIN) break;
      // EPIPE: the record was overwritten before we came; the next read goes on with the oldest
      // one there is.
      if (errno == EINTR || errno == EPIPE) continue;
      return errno_error("read /dev/kmsg");
    }
    if (got == 0) break;
    const auto text = kernel_text({record.data(), static_cast<std::size_t>(got)});
    if (!text.empty()) lines.emplace_back(text);
  }
  return lines;
}

void KernelLog::note(std::string_view text) {
  const auto kmsg = open_file("/dev/kmsg", O_WRONLY);
  // Notice level (5), facility user (1): reaches the console, and lines() can tell it is ours.
  if (kmsg) (void)write_all(kmsg->get(), "<13>" + std::string(kOurs) + std::string(text) + "\n");
}

}  // namespace daxbreak
