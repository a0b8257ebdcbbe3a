// SPDX-License-Identifier: GPL-2.0
#include "lab/machine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/command.h"
#include "base/file.h"
#include "lab/protocol.h"

namespace daxbreak {
namespace {

constexpr std::uint64_t mib = 1UL << 20;
constexpr std::uint64_t gib = 1UL << 30;
constexpr int port_fd = 3;
constexpr int first_backing_fd = 4;

/// QEMU's option syntax: a comma inside a value is doubled.
std::string escaped(const std::filesystem::path& path) {
  std::string text;
  for (const char letter : path.string())
    text += letter == ',' ? std::string(",,") : std::string(1, letter);
  return text;
}

/// What lib/test_hmm.c wants for each of its two coherent devices (DEVMEM_CHUNK_SIZE), never more.
constexpr std::uint64_t special_size_each = 256 * mib;
constexpr std::uint64_t special_size = 2 * special_size_each;
/// QEMU puts what is plugged into slots at this address or, if ordinary memory reaches higher,
/// behind that, from a multiple of 1 GiB on (hw/i386/pc.c, pc_get_device_memory_range()).
constexpr std::uint64_t least_slot_address = 4 * gib;

std::uint64_t whole_gib(std::uint64_t bytes) {
  return (bytes + gib - 1) / gib * gib;
}

/// Where the special memory is to lie: surely behind the NVDIMMs, which QEMU places itself.
std::uint64_t special_address(const MachineSize& size) {
  return whole_gib(least_slot_address + size.memory) + whole_gib(size.nvdimms * size.nvdimm_size);
}

/// The value of -m: ordinary memory, and room for what is in slots.
std::string memory_argument(const MachineSize& size) {
  const auto memory = size.memory / mib;
  const unsigned slots = size.nvdimms + (size.special_memory ? 1 : 0);
  if (slots == 0) return fmt::format("{}M", memory);
  // Room is addresses: it costs nothing.
  const std::uint64_t room = size.special_memory
                                 ? special_address(size) + special_size - least_slot_address
                                 : size.nvdimms * size.nvdimm_size;
  return fmt::format("{}M,slots={},maxmem={}M", memory, slots, memory + (room / mib));
}

/// A file without a name in the NVDIMMs' folder, its blocks reserved: a disk that fills up later
/// would be a SIGBUS in QEMU.
Result<Fd> backing_file(const MachineSize& size) {
  Fd fd(::open(size.nvdimm_folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd) return errno_error("make an NVDIMM file in " + size.nvdimm_folder.string());
  const int failed = ::posix_fallocate(fd.get(), 0, static_cast<off_t>(size.nvdimm_size));
  if (failed != 0)
    return Error{fmt::format("reserve {} MiB for an NVDIMM in {}", size.nvdimm_size / mib,
                             size.nvdimm_folder.string()),
                 failed};
  return fd;
}

/// Everything the child needs, made before fork(2): after it, in a process of several threads, only
/// async-signal-safe calls are allowed.
struct Launch {
  std::vector<std::string> words;
  std::vector<char*> argv;
  std::vector<int> inherited;  ///< to become descriptors 3, 4, ...
  int input = -1;              ///< -1: keep ours
  int output = -1;
  bool own_group = true;
  pid_t parent = -1;
};

/// Above the range the descriptors are to be moved to.
constexpr int scratch_fd = 64;

[[noreturn]] void become_qemu(Launch& launch) {
  constexpr int cannot_execute = 127;
  if (launch.own_group) ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != launch.parent) ::_exit(cannot_execute);  // it died before the prctl
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (launch.input >= 0) ::dup2(launch.input, STDIN_FILENO);
  if (launch.output >= 0) {
    if (launch.own_group) ::dup2(launch.output, STDOUT_FILENO);
    ::dup2(launch.output, STDERR_FILENO);
  }
  // In two steps, or moving one could overwrite another that is still to be moved.
  for (int& fd : launch.inherited)
    fd = ::fcntl(fd, F_DUPFD_CLOEXEC, scratch_fd);
  int place = port_fd;
  for (const int fd : launch.inherited)
    ::dup2(fd, place++);
  ::execv(launch.argv[0], launch.argv.data());
  ::_exit(cannot_execute);
}

}  // namespace

std::uint64_t MachineSize::host_memory() const {
  constexpr std::uint64_t qemu_itself = 256 * mib;  // code, translated blocks under tcg, buffers
  // Of special memory no more is touched than trials give to devices: a few MiB.
  return memory + (nvdimm_folder.empty() ? nvdimms * nvdimm_size : 0) + qemu_itself;
}

Result<void> check_size(const MachineSize& size) {
  constexpr std::uint64_t least_memory = 512 * mib;
  constexpr std::uint64_t granule = 16 * mib;  // what libnvdimm aligns regions to
  constexpr std::uint64_t least_nvdimm = 64 * mib;
  constexpr unsigned most_nvdimms = 16;
  if (size.memory < least_memory || size.memory % mib != 0)
    return Error{fmt::format("{} bytes of memory: a guest needs at least {} MiB, in whole MiB",
                             size.memory, least_memory / mib)};
  if (size.cpus == 0) return Error{"a guest needs at least one processor"};
  if (size.nvdimms > most_nvdimms)
    return Error{fmt::format("{} NVDIMMs: at most {}", size.nvdimms, most_nvdimms)};
  if (size.nvdimms > 0 && (size.nvdimm_size < least_nvdimm || size.nvdimm_size % granule != 0))
    return Error{fmt::format("an NVDIMM of {} bytes: at least {} MiB, in multiples of {} MiB",
                             size.nvdimm_size, least_nvdimm / mib, granule / mib)};
  return ok();
}

std::string special_memory_parameters(const MachineSize& size) {
  if (!size.special_memory) return {};
  const std::uint64_t address = special_address(size);
  // The first is for kernels with CONFIG_ACPI_HOTPLUG_MEMORY, Debian's among them: without it they
  // would make System RAM of it, which memremap_pages() refuses
  // (drivers/acpi/acpi_memhotplug.c; mm/memremap.c, pagemap_range()).
  return fmt::format("acpi_no_memhotplug test_hmm.spm_addr_dev0={:#x} test_hmm.spm_addr_dev1={:#x}",
                     address, address + special_size_each);
}

Result<std::string> find_qemu() {
  auto path = find_program("qemu-system-x86_64");
  if (path.empty())
    return Error{"qemu-system-x86_64 is not installed: apt install qemu-system-x86"};
  return path;
}

std::vector<std::string> qemu_arguments(const MachineSpec& spec) {
  const auto& size = spec.size;
  std::vector<std::string> words = {"qemu-system-x86_64",
                                    "-nodefaults",
                                    "-no-user-config",
                                    "-display",
                                    "none",
                                    "-no-reboot",
                                    "-nic",
                                    "none"};
  const auto add = [&](std::initializer_list<std::string> more) {
    words.insert(words.end(), more);
  };
  add({"-machine", size.nvdimms > 0 ? "q35,nvdimm=on" : "q35"});
  if (spec.accelerator == "kvm") {
    add({"-accel", "kvm", "-cpu", "host"});
  } else {
    add({"-accel", "tcg,thread=multi", "-cpu", "max"});
  }
  add({"-smp", std::to_string(size.cpus)});

  // Without label-size the region is the whole backing, a clean multiple of 16 MiB; a label area
  // inside it would misalign the namespace. One more slot than needed costs nothing.
  add({"-m", memory_argument(size)});
  for (unsigned at = 0; at < size.nvdimms; ++at) {
    const auto backing =
        size.nvdimm_folder.empty()
            ? std::string("memory-backend-memfd")
            : fmt::format("memory-backend-file,mem-path=/proc/self/fd/{}", first_backing_fd + at);
    add({"-object",
         fmt::format("{},id=pmem{},share=on,size={}M", backing, at, size.nvdimm_size / mib)});
    add({"-device", fmt::format("nvdimm,id=nvdimm{0},memdev=pmem{0}", at)});
  }

  // Memory in a slot is in ACPI's tables, not in the firmware's map of memory (e820): a kernel that
  // does not take it by ACPI leaves it alone. The host gives it pages when it is written to.
  if (size.special_memory)
    add({"-object", fmt::format("memory-backend-ram,id=special,size={}M", special_size / mib),
         "-device",
         fmt::format("pc-dimm,id=special0,memdev=special,addr={:#x}", special_address(size))});

  add({"-device", "virtio-serial-pci", "-chardev", fmt::format("socket,id=port,fd={}", port_fd),
       "-device", fmt::format("virtserialport,chardev=port,name={}", port_name)});
  if (spec.terminal) {
    add({"-chardev", "stdio,id=console,mux=on,signal=off", "-serial", "chardev:console", "-mon",
         "chardev=console,mode=readline"});
  } else {
    add({"-chardev", "file,id=console,path=" + escaped(spec.console), "-serial",
         "chardev:console"});
  }

  add({"-kernel", spec.vmlinuz.string()});
  if (!spec.initrd.empty()) add({"-initrd", spec.initrd.string()});
  // panic=-1: reboot at once, which -no-reboot turns into the end of QEMU.
  // The time stamp tells the kernel's lines from others on the console (lab/console.cpp).
  std::string append = "console=ttyS0 panic=-1 printk.time=1";
  if (!spec.append.empty()) append += " " + spec.append;
  add({"-append", append});
  return words;
}

Result<Machine> Machine::start(const MachineSpec& spec) {
  auto qemu = find_qemu();
  if (!qemu) return qemu.error();
  if (auto fine = check_size(spec.size); !fine) return fine.error();
  for (const auto* path : {&spec.vmlinuz, &spec.initrd})
    if (!path->empty() && ::access(path->c_str(), R_OK) != 0)
      return errno_error("read " + path->string());

  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return errno_error("make a socket pair for the guest");
  Machine machine;
  machine.port_ = Fd(ends[0]);
  const Fd theirs(ends[1]);
  machine.console_ = Console(spec.console);
  machine.log_ = spec.log;
  machine.own_group_ = !spec.terminal;
  if (::fcntl(machine.port_.get(), F_SETFL, O_NONBLOCK) != 0)
    return errno_error("make the port non-blocking");

  Launch launch{.words = qemu_arguments(spec), .own_group = !spec.terminal, .parent = ::getpid()};
  launch.words[0] = *qemu;
  for (auto& word : launch.words)
    launch.argv.push_back(word.data());
  launch.argv.push_back(nullptr);
  launch.inherited.push_back(theirs.get());
  std::vector<Fd> backing;
  for (unsigned at = 0; at < spec.size.nvdimms && !spec.size.nvdimm_folder.empty(); ++at) {
    auto file = backing_file(spec.size);
    if (!file) return file.error();
    launch.inherited.push_back(file->get());
    backing.push_back(*std::move(file));
  }
  auto log = open_file(spec.log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (!log) return log.error();
  launch.output = log->get();
  auto nothing = open_file("/dev/null", O_RDONLY);
  if (!nothing) return nothing.error();
  if (!spec.terminal) launch.input = nothing->get();

  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork for qemu");
  if (pid == 0) become_qemu(launch);
  machine.pid_ = pid;
  if (machine.own_group_) ::setpgid(pid, pid);  // the child does it too: whoever comes first
  machine.exit_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!machine.exit_) return errno_error("pidfd_open for qemu");
  return machine;
}

Machine::Machine(Machine&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      own_group_(other.own_group_),
      exit_(std::move(other.exit_)),
      port_(std::move(other.port_)),
      console_(std::move(other.console_)),
      log_(std::move(other.log_)) {}

Machine& Machine::operator=(Machine&& other) noexcept {
  if (this != &other) {
    kill();
    pid_ = std::exchange(other.pid_, -1);
    own_group_ = other.own_group_;
    exit_ = std::move(other.exit_);
    port_ = std::move(other.port_);
    console_ = std::move(other.console_);
    log_ = std::move(other.log_);
  }
  return *this;
}

Machine::~Machine() {
  kill();
}

bool Machine::wait_exit(Nanos limit) {
  if (pid_ < 0) return true;
  const Deadline deadline(limit);
  pollfd wait{.fd = exit_.get(), .events = POLLIN, .revents = 0};
  for (;;) {
    const int ready = ::poll(&wait, 1, deadline.left_ms());
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return false;
  }
}

bool Machine::failed() const {
  siginfo_t info{};
  // WNOWAIT leaves the zombie for kill() to reap: until then the pid stays ours.
  if (pid_ < 0 || ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0)
    return false;
  return info.si_pid == pid_ && (info.si_code != CLD_EXITED || info.si_status != 0);
}

void Machine::kill() {
  if (pid_ < 0) return;
  ::kill(own_group_ ? -pid_ : pid_, SIGKILL);
  // SIGKILL cannot be refused, not even by a stopped process: this wait ends.
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

std::string Machine::complaint() const {
  const auto raw = read_file(log_);
  if (!raw) return "";
  const auto lines = console_lines(*raw);
  // QEMU warns of every CPU feature that emulation lacks; what ended it is not a warning.
  const auto last = std::find_if(lines.rbegin(), lines.rend(), [](const std::string& line) {
    return line.find("warning: ") == std::string::npos;
  });
  return last == lines.rend() ? "" : *last;
}

}  // namespace daxbreak
