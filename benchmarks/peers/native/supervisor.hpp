// SPDX-License-Identifier: Apache-2.0
// Runs one publisher and its subscribers as processes of their own and makes sure that nothing is left of them, whatever happens.
#pragma once

#include "report.hpp"
#include "roles.hpp"

#include <cerrno>
#include <csignal>
#include <dirent.h>
#include <set>
#include <sys/prctl.h>
#include <sys/wait.h>

namespace bench
{
/// Files a peer's library leaves behind when its processes are killed: whatever appears in a folder under a prefix during the run.
class Leftovers
{
  public:
    Leftovers(std::string folder, std::vector<std::string> prefixes) : _folder(std::move(folder)), _prefixes(std::move(prefixes)), _before(list()) {}

    void remove() const
    {
        for (const auto& name : list())
            if (_before.count(name) == 0)
                unlink((_folder + "/" + name).c_str());
    }

  private:
    std::set<std::string> list() const
    {
        std::set<std::string> names;
        if (DIR* d = opendir(_folder.c_str()))
        {
            while (const dirent* e = readdir(d))
                for (const auto& prefix : _prefixes)
                    if (std::string_view(e->d_name).substr(0, prefix.size()) == prefix)
                        names.insert(e->d_name);
            closedir(d);
        }
        return names;
    }

    std::string _folder;
    std::vector<std::string> _prefixes;
    std::set<std::string> _before;
};

/// Forks; the child dies with its parent and gets back the signals that the supervisor has blocked.
template <class Body> pid_t spawn(Body body)
{
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0)
        fail("fork");
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        std::_Exit(StatusFailed);
    dup2(STDERR_FILENO, STDOUT_FILENO); // standard output is for the JSON line, whatever a library prints
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    body();
    std::exit(0); // with exit handlers: libraries take their leave of daemons and files there
}

inline void pinTo(int core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(core) % static_cast<unsigned>(sysconf(_SC_NPROCESSORS_ONLN)), &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        fail("sched_setaffinity");
}

/// Waits until all children have exited well. The first that fails, the time limit, or a request to end stops them all.
inline int supervise(std::vector<pid_t> children, int timeoutSeconds)
{
    sigset_t watched;
    sigemptyset(&watched);
    for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP})
        sigaddset(&watched, signal);
    const auto deadline = nowNs() + static_cast<std::uint64_t>(timeoutSeconds) * 1'000'000'000ULL;
    int status = 0;
    while (!children.empty() && status == 0)
    {
        for (auto child = children.begin(); child != children.end() && status == 0;)
        {
            int exit = 0;
            if (waitpid(*child, &exit, WNOHANG) != *child)
            {
                ++child;
                continue;
            }
            child = children.erase(child);
            if (!WIFEXITED(exit) || WEXITSTATUS(exit) != 0)
                status = WIFEXITED(exit) ? WEXITSTATUS(exit) : StatusFailed;
            if (WIFSIGNALED(exit))
                std::fprintf(stderr, "failed: a process died of signal %d\n", WTERMSIG(exit));
        }
        if (children.empty() || status != 0)
            break;
        const timespec tick{1, 0};
        const int signal = sigtimedwait(&watched, nullptr, &tick);
        if ((signal > 0 && signal != SIGCHLD) || nowNs() > deadline)
        {
            std::fprintf(stderr, "failed: %s\n", signal > 0 && signal != SIGCHLD ? "asked to end" : "time limit");
            status = StatusFailed;
        }
    }
    for (const pid_t child : children)
    {
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
    }
    return status;
}

template <class Peer> int runPeer(const Options& o)
{
    if (o.what == Case::Memcpy)
        unsupported("memcpy is a case of c-ring");
    sigset_t watched;
    sigemptyset(&watched);
    for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP})
        sigaddset(&watched, signal);
    sigprocmask(SIG_BLOCK, &watched, nullptr); // before the first fork: none is lost
    Shared shared(o);
    Peer peer(o);
    Role<Peer> role(peer, shared, o);
    std::vector<pid_t> children;
    for (int k = -1; k < o.fan; k++)
        children.push_back(spawn([&] {
            if (o.pin)
                pinTo(k + 1);
            k < 0 ? role.publish() : role.subscribe(k);
        }));
    const int status = supervise(children, o.timeoutSeconds);
    if (status != 0)
        return status;
    report(peer.name(), o, shared);
    return 0;
}
} // namespace bench
