"""What a trace of each demo has to say, by mechanism: {demo and variant: lines as in model_trace}.

Written from the demos' protocols, not from traces: a number is there where nobody else can have acted between, * where one can.
A role's lines have to come in this order."""

PIPES = {
    "pipe": """
        parent pipe2 pipe:1+ ->0/65536B
        parent write pipe:1 0>*/65536B -> child/3
        child read pipe:1 *>0/65536B <- parent/4
        child read pipe:1 *>0/65536B "end of file: no writer is left"
        parent wait4 <- child""",
    "pipe --alone": """
        pipe write pipe:1 0>8/65536B -> pipe/3
        pipe write pipe:1 8>13/65536B -> pipe/3
        pipe read pipe:1 13>10/65536B <- pipe/4
        pipe read pipe:1 10>0/65536B <- pipe/4""",
    "pipe --both-ways": """
        parent pipe2 pipe:1+ ->0/65536B
        parent pipe2 pipe:2+ ->0/65536B
        parent write pipe:1 0>*/65536B -> child/3
        parent read pipe:2 *>0/65536B <- child/6
        child read pipe:1 *>0/65536B <- parent/4
        child write pipe:2 0>*/65536B -> parent/5""",
    "pipe --full": """
        writer write pipe:1 0>4096/65536B -> reader/3
        writer write pipe:1 61440>65536/65536B -> reader/3
        writer write... pipe:1 65536>-/65536B waits for reader/3
        writer write pipe:1 65536>*/65536B -> reader/3
        reader ioctl pipe:1 65536>65536/65536B
        reader read pipe:1 65536>*/65536B <- writer/4
        reader read pipe:1 4096>0/65536B <- writer/4
        reader read pipe:1 0>0/65536B "end of file: no writer is left\"""",
    "pipe --nonblock": """
        pipe read!EAGAIN pipe:1 0>0/65536B
        pipe write pipe:1 0>4096/65536B -> pipe/3
        pipe write pipe:1 61440>65536/65536B -> pipe/3
        pipe write!EAGAIN pipe:1 65536>65536/65536B""",
    "pipe --empty": """
        reader read... pipe:1 0>-/65536B waits for writer/4
        reader read pipe:1 0>0/65536B <- writer/4
        writer write pipe:1 0>*/65536B -> reader/3""",
    "pipe --eof": """
        pipe write pipe:1 0>10/65536B -> pipe/3
        pipe read pipe:1 10>0/65536B <- pipe/4
        pipe read pipe:1 0>0/65536B "end of file: no writer is left\"""",
    "pipe --no-eof": """
        writer write pipe:1 0>*/65536B -> reader/3
        reader read pipe:1 *>0/65536B <- writer/4
        reader read... pipe:1 0>-/65536B waits for reader/4
        writer kill -> reader
        writer wait4 <- reader""",
    "pipe --epipe": """
        writer write!EPIPE pipe:1 0>0/65536B "no reader is left"
        pipe wait4 <- writer
        pipe write!EPIPE pipe:1 0>0/65536B "no reader is left\"""",
    "pipe-circle": """
        left write pipe:1 0>4096/65536B -> *
        left write pipe:1 61440>65536/65536B -> *
        left write... pipe:1 65536>-/65536B waits for right/3
        right write pipe:2 0>4096/65536B -> *
        right write pipe:2 61440>65536/65536B -> *
        right write... pipe:2 65536>-/65536B waits for left/5
        right write!EPIPE pipe:2 65536>65536/65536B "no reader is left\"""",
    "pipeline": """
        printf dup2 pipe:1 0>0/65536B
        printf write pipe:1 0>*/65536B -> *
        grep read pipe:1 *>0/65536B <- printf/1
        grep read pipe:1 0>0/65536B "end of file: no writer is left"
        grep write pipe:2 0>*/65536B -> pipeline/5
        pipeline read pipe:2 *>0/65536B <- grep/1
        pipeline read pipe:2 0>0/65536B "end of file: no writer is left\"""",
    "pipeline --sigpipe": """
        pipeline read pipe:1 *>*/65536B <- yes/1
        yes write!EPIPE pipe:1 *"no reader is left"
        pipeline wait4 <- yes""",
    "pipeline --no-eof": """
        cat read... pipe:1 0>-/65536B waits for cat/4
        pipeline kill -> cat
        pipeline wait4 <- cat""",
    "pipe-restart": """
        writer write pipe:1 0>*/65536B -> reader/3
        writer write!EPIPE pipe:1 *>*/65536B "no reader is left"
        reader read pipe:1 *>0/65536B <- writer/4
        reader read... pipe:1 0>-/65536B waits for writer/4""",
    "fifo": """
        fifo mknodat fifo:1+
        writer openat fifo:1 ->*/65536B -> reader*
        writer write fifo:1 0>*/65536B -> reader/3
        reader openat fifo:1 ->*/65536B <- writer*
        reader read fifo:1 *>0/65536B <- writer/3
        reader read fifo:1 0>0/65536B "end of file: no writer is left"
        fifo unlink fifo:1 "name removed\"""",
    "fifo --open-read": """
        reader openat... fifo:1 "waits for somebody to open it for writing" waits for fifo~
        reader openat fifo:1 ->*/65536B*
        reader read fifo:1 *>0/65536B <- fifo/3
        fifo openat fifo:1 ->0/65536B -> reader*
        fifo write fifo:1 0>*/65536B -> reader*""",
    "fifo --open-write": """
        writer openat... fifo:1 "waits for somebody to open it for reading" waits for fifo~
        writer write fifo:1 0>*/65536B -> fifo/3
        fifo openat fifo:1 ->*/65536B <- writer*
        fifo read fifo:1 *>0/65536B <- writer/3""",
    "fifo --open-nonblock": """
        fifo openat!ENXIO fifo:1 "nobody has it open for reading"
        fifo openat fifo:1 ->0/65536B
        fifo read fifo:1 0>0/65536B "end of file: no writer is left"
        fifo openat fifo:1 ->0/65536B -> fifo/3
        fifo read!EAGAIN fifo:1 0>0/65536B""",
    "fifo --open-rdwr": """
        fifo write fifo:1 0>4/65536B -> fifo/3
        fifo read fifo:1 4>0/65536B <- fifo/3
        fifo read!EAGAIN fifo:1 0>0/65536B""",
    "fifo --lost": """
        fifo write fifo:1 0>4/65536B -> fifo/3
        fifo ioctl fifo:1 4>4/65536B
        fifo openat fifo:1 ->0/65536B
        fifo ioctl fifo:1 0>0/65536B""",
    "fifo --restart": """
        writer write fifo:1 0>*/65536B -> reader 1*
        writer kill -> reader 1
        writer write!EPIPE fifo:1 0>0/65536B "no reader is left"
        writer write fifo:1 0>*/65536B -> reader 2/5
        reader 1 read fifo:1 *>0/65536B <- writer/4
        reader 2 openat fifo:1 ->0/65536B <- writer/4
        reader 2 read... fifo:1 0>-/65536B waits for writer/4
        reader 2 read fifo:1 0>0/65536B <- writer/4
        reader 2 read fifo:1 0>0/65536B "end of file: no writer is left\"""",
    "fifo --stuck": """
        reader openat... fifo:1 "waits for somebody to open it for writing" waits for fifo~
        reader openat? fifo:1
        fifo kill -> reader""",
    "splice": """
        splice splice pipe:1 0>16/65536B -> splice/5
        splice splice pipe:1 16>0/65536B <- splice/6""",
    "splice --tee": """
        splice write pipe:1 0>16/65536B -> splice/3
        splice tee pipe:1 16>16/65536B pipe:2 0>16/65536B -> splice/5 <- splice/4
        splice read pipe:1 16>0/65536B <- splice/4
        splice read pipe:2 16>0/65536B <- splice/6""",
    "splice --vmsplice": """
        splice vmsplice pipe:1 0>16/65536B -> splice/3
        splice read pipe:1 16>0/65536B <- splice/4""",
}

SYSTEM_V = {
    "sysv-msg": """
        sysv-msg msgget msg:1+ ->0msgs ->0/16384B
        sysv-msg msgsnd msg:1 0>1msgs 0>8/16384B
        sysv-msg msgsnd msg:1 1>2msgs 8>11/16384B
        sysv-msg msgsnd msg:1 2>3msgs 11>15/16384B
        sysv-msg msgsnd msg:1 3>4msgs 15>18/16384B
        sysv-msg msgctl msg:1 0>0msgs 0>0/16384B
        sysv-msg msgctl msg:1 0>-msgs 0>-/16384B "removed"
        receiver msgrcv msg:1 4>3msgs 18>10/16384B <- sysv-msg
        receiver msgrcv msg:1 3>2msgs 10>6/16384B <- sysv-msg
        receiver msgrcv msg:1 2>1msgs 6>3/16384B <- sysv-msg
        receiver msgrcv msg:1 1>0msgs 3>0/16384B <- sysv-msg""",
    "sysv-msg --two-way": """
        client msgsnd msg:1 0>*msgs 0>*/16384B*
        client msgrcv msg:1 *>0msgs *>0/16384B <- server*
        server msgrcv msg:1 *msgs */16384B <- client*
        server msgsnd msg:1 0>*msgs 0>*/16384B*""",
    "sysv-msg --wait-type": """
        receiver msgrcv... msg:1 1>-msgs 11>-/16384B "waits for type 2" waits for sysv-msg~
        receiver msgrcv msg:1 1>1msgs 11>11/16384B <- sysv-msg*
        sysv-msg msgctl msg:1 1>1msgs 11>11/16384B
        sysv-msg msgsnd msg:1 1>*msgs 11>*/16384B -> receiver
        sysv-msg msgctl msg:1 1>1msgs 11>11/16384B
        sysv-msg msgctl msg:1 1>-msgs 11>-/16384B "removed\"""",
    "sysv-msg --never": """
        receiver msgrcv... msg:1 1>-msgs 11>-/16384B "waits for type 2" waits for sysv-msg~
        receiver msgrcv? msg:1 1>-msgs 11>-/16384B
        sysv-msg kill -> receiver""",
    "sysv-msg --removed": """
        receiver msgrcv... msg:1 0>-msgs 0>-/16384B "waits for any type"
        receiver msgrcv!EIDRM msg:1 0>-msgs 0>-/16384B*
        sysv-msg msgctl msg:1 0>-msgs 0>-/16384B "removed; 1 waiter is woken with EIDRM\"""",
    "sysv-msg --outlive": """
        sender msgsnd msg:1 0>1msgs 0>12/16384B
        receiver msgrcv msg:1 1>0msgs 12>0/16384B <- sender
        sysv-msg msgctl msg:1 1>1msgs 12>12/16384B
        sysv-msg msgctl msg:1 0>0msgs 0>0/16384B
        sysv-msg msgctl msg:1 0>-msgs 0>-/16384B "removed"
        sysv-msg msgctl!EINVAL msg:1*""",
    "sysv-msg --ftok": """
        sysv-msg msgget msg:1+ ->0msgs ->0/16384B
        sysv-msg msgget msg:1 ->0msgs ->0/16384B""",
    "sysv-msg-limits": """
        sysv-msg-limits msgctl msg:1 0>0msgs 0>0/4000B
        sysv-msg-limits msgsnd msg:1 0>1msgs 0>1000/4000B
        sysv-msg-limits msgsnd msg:1 3>4msgs 3000>4000/4000B
        sysv-msg-limits msgsnd!EAGAIN msg:1 4>4msgs 4000>4000/4000B
        sysv-msg-limits msgrcv msg:1 4>*msgs 4000>*/4000B <- sysv-msg-limits
        sysv-msg-limits msgctl msg:1 4>4msgs 4000>4000/4000B
        sender msgsnd... msg:1 4>-msgs 4000>-/4000B "full: waits for space"*
        sender msgsnd msg:1 4>4msgs 4000>4000/4000B -> sysv-msg-limits~""",
    "sysv-msg-limits --slow-reader": """
        sender msgsnd msg:1 0>1msgs 0>1000/2000B*
        sender msgsnd msg:1 1>2msgs 1000>2000/2000B*
        sender msgsnd... msg:1 2>-msgs 2000>-/2000B "full: waits for space"*
        receiver msgctl msg:1 2>2msgs 2000>2000/2000B
        receiver msgrcv msg:1 2>*msgs 2000>*/2000B <- sender*
        receiver msgrcv msg:1 1>0msgs 1000>0/2000B <- sender""",
    "sysv-msg-limits --too-long": """
        sysv-msg-limits msgsnd!EINVAL msg:1 0>0msgs 0>0/1000B
        sysv-msg-limits msgsnd!EINVAL msg:1 0>0msgs 0>0/1000B""",
    "sysv-msg-limits --noerror": """
        sysv-msg-limits msgsnd msg:1 0>1msgs 0>21/1000B
        sysv-msg-limits msgrcv!E2BIG msg:1 1>1msgs 21>21/1000B
        sysv-msg-limits msgrcv msg:1 1>0msgs 21>0/1000B <- sysv-msg-limits""",
    "sysv-sem": """
        sysv-sem semget sem:1+ [0]=->0 [1]=->0
        sysv-sem semctl sem:1 [0]=0>1 [1]=0>1
        sysv-sem read pipe:1 4>0/65536B <- X/4, Y/4
        X semtimedop sem:1 [0]=1>0*
        X semctl sem:1 [0]=0>0 1up [1]=1>1
        X semtimedop sem:1 [0]=0>0*
        Y semtimedop... sem:1 [0]=0>- waits for X~
        Y semtimedop sem:1 [0]=0>0*
        Y write pipe:1 3>4/65536B -> *sysv-sem/3
        Y semtimedop sem:1 [0]=0>1""",
    "sysv-sem --setval": """
        sysv-sem semctl sem:1 [0]=1>3 [1]=1>1
        sysv-sem semtimedop sem:1 [0]=3>2 <- sysv-sem
        sysv-sem semctl sem:1 [0]=2>2 [1]=1>1
        sysv-sem semtimedop sem:1 [0]=2>1 <- sysv-sem
        sysv-sem semctl sem:1 [0]=1>1 [1]=1>1
        sysv-sem semtimedop sem:1 [0]=1>0 <- sysv-sem
        sysv-sem semctl sem:1 [0]=0>0 [1]=1>1""",
    "sysv-sem --undo": """
        holder semtimedop sem:1 [0]=1>0*
        sysv-sem semctl sem:1 [0]=0>0 1up [1]=1>1
        sysv-sem kill -> holder
        sysv-sem semctl sem:1 [0]=1>1 [1]=1>1
        waiter semtimedop... sem:1 [0]=0>- waits for holder~
        waiter semtimedop sem:1 [0]=0>0*
        waiter semtimedop sem:1 [0]=0>1*""",
    "sysv-sem --no-undo": """
        holder semtimedop sem:1 [0]=1>0*
        waiter semtimedop... sem:1 [0]=0>- waits for holder~
        waiter semtimedop? sem:1 [0]=0>-
        sysv-sem kill -> holder
        sysv-sem semctl sem:1 [0]=0>0 1up [1]=1>1""",
    "sysv-sem --removed": """
        sysv-sem semctl sem:1 [0]=1>1 1up [1]=1>1
        sysv-sem semctl sem:1 "removed; 1 waiter is woken with EIDRM"
        waiter semtimedop... sem:1 [0]=1>- waits for sysv-sem~
        waiter semtimedop!EIDRM sem:1 [0]=1>-*""",
    "sysv-sem-set": """
        sysv-sem-set semctl sem:1 [0]=0>1 [1]=0>1
        sysv-sem-set semctl sem:1 [0]=1>1 [1]=1>1
        left semtimedop sem:1 [0]=*>* [1]=*>**
        right semtimedop sem:1 [1]=*>* [0]=*>**""",
    "sysv-sem-set --deadlock": """
        left semtimedop sem:1 [0]=1>0*
        left semtimedop... sem:1 [1]=0>- waits for right~
        right semtimedop sem:1 [1]=1>0*
        right semtimedop... sem:1 [0]=0>- waits for left~
        right semtimedop sem:1 [0]=0>0*
        sysv-sem-set kill -> left""",
    "sysv-sem-set --wait-zero": """
        sysv-sem-set semctl sem:1 [0]=0>3 [1]=0>0
        sysv-sem-set semtimedop sem:1 [0]=3>2 1zero <- sysv-sem-set
        sysv-sem-set semtimedop sem:1 [0]=2>1 1zero <- sysv-sem-set
        sysv-sem-set semtimedop sem:1 [0]=1>0*
        waiter semtimedop... sem:1 [0]=3>- waits for sysv-sem-set~
        waiter semtimedop sem:1 [0]=3>0""",
    "sysv-sem-set --nowait": """
        sysv-sem-set semtimedop!EAGAIN sem:1 [0]=0>0
        sysv-sem-set semtimedop!EAGAIN sem:1 [0]=0>0""",
    "sysv-shm": """
        sysv-shm shmget shm:1+ attached=->0 ->4096B
        sysv-shm shmctl shm:1 attached=0>- 4096>-B "removed"
        server shmat shm:1 attached=*>* 4096>4096B -> *sysv-shm~
        server shmdt shm:1 attached before=*>- 4096>-B
        client shmat shm:1 attached=*>* 4096>4096B -> *sysv-shm~
        client shmdt shm:1 attached before=*>- 4096>-B""",
    "sysv-shm --addresses": """
        sysv-shm shmat shm:1 attached=0>1 4096>4096B
        sysv-shm shmat shm:1 attached=1>2 4096>4096B
        sysv-shm shmdt shm:1 attached before=2>- 4096>-B
        sysv-shm shmdt shm:1 attached before=1>- 4096>-B
        sysv-shm shmctl shm:1 attached=0>- 4096>-B "removed\"""",
    "sysv-shm --readonly": """
        sysv-shm shmat shm:1 attached=0>1 4096>4096B
        sysv-shm shmdt shm:1 attached before=1>- 4096>-B
        reader shmat shm:1 attached=2>3 4096>4096B -> sysv-shm~""",
    "sysv-shm --stat": """
        sysv-shm shmctl shm:1 attached=0>0 4096>4096B
        sysv-shm shmat shm:1 attached=0>1 4096>4096B
        sysv-shm shmctl shm:1 attached=1>1 4096>4096B
        child shmctl shm:1 attached=2>2 4096>4096B""",
    "sysv-shm --rmid": """
        sysv-shm shmctl shm:1 attached=1>1 4096>4096B "goes when the last one detaches"
        sysv-shm shmat shm:1 attached=1>2 4096>4096B
        sysv-shm shmdt shm:1 attached before=1>- 4096>-B
        sysv-shm shmctl!EINVAL shm:1*""",
    "sysv-shm --outlive": """
        writer shmat shm:1 attached=0>1 4096>4096B -> sysv-shm~
        sysv-shm shmctl shm:1 attached=0>0 4096>4096B
        sysv-shm shmat shm:1 attached=0>1 4096>4096B""",
    "shm-race": """
        shm-race shmat shm:1 attached=0>1 8>8B
        first shmat shm:1 attached=*>* 8>8B -> *shm-race~
        second shmat shm:1 attached=*>* 8>8B -> *shm-race~""",
    "shm-race --safe": """
        shm-race semctl sem:1 [0]=0>1
        first semtimedop sem:1 [0]=*>**
        second semtimedop sem:1 [0]=*>**""",
}

POSIX = {
    "posix-mq": """
        posix-mq mq_open mq:1+ ->0/4msgs
        posix-mq mq_timedsend mq:1 0>1/4msgs -> posix-mq/3
        posix-mq mq_timedsend mq:1 3>4/4msgs -> posix-mq/3
        posix-mq mq_getsetattr mq:1 4>4/4msgs
        posix-mq mq_unlink mq:1 "removed"
        receiver mq_timedreceive mq:1 4>3/4msgs <- posix-mq/3
        receiver mq_timedreceive mq:1 3>2/4msgs <- posix-mq/3
        receiver mq_timedreceive mq:1 2>1/4msgs <- posix-mq/3
        receiver mq_timedreceive mq:1 1>0/4msgs <- posix-mq/3""",
    "posix-mq --notify-signal": """
        posix-mq mq_notify mq:1 0>0/4msgs "it is told of the next message"
        posix-mq mq_notify!EBUSY mq:1 0>0/4msgs
        posix-mq rt_sigtimedwait <- sender
        posix-mq mq_timedreceive mq:1 1>0/4msgs <- sender/3
        sender mq_timedsend mq:1 0>1/4msgs -> posix-mq/3, posix-mq~""",
    "posix-mq --notify-thread": """
        sender mq_timedsend mq:1 0>*/4msgs -> posix-mq/3, posix-mq~""",
    "posix-mq --full": """
        posix-mq mq_timedsend mq:1 3>4/4msgs -> posix-mq/3
        posix-mq mq_timedreceive mq:1 4>*/4msgs <- posix-mq/3
        posix-mq mq_getsetattr mq:1 4>4/4msgs
        sender mq_timedsend... mq:1 4>-/4msgs "full: waits for space" waits for posix-mq/3
        sender mq_timedsend mq:1 4>4/4msgs -> posix-mq/3""",
    "posix-mq --empty": """
        receiver mq_timedreceive... mq:1 0>-/4msgs "waits for a message" waits for posix-mq/3
        receiver mq_timedreceive mq:1 0>0/4msgs <- posix-mq*/3
        posix-mq mq_timedsend mq:1 0>*/4msgs -> receiver/3""",
    "posix-mq --nonblock": """
        posix-mq mq_timedreceive!EAGAIN mq:1 0>0/4msgs
        posix-mq mq_timedsend!EAGAIN mq:1 4>4/4msgs
        posix-mq mq_timedsend!EMSGSIZE mq:1 4>4/4msgs
        posix-mq mq_timedreceive!EMSGSIZE mq:1 4>4/4msgs""",
    "posix-mq --timeout": """
        posix-mq mq_timedreceive!ETIMEDOUT mq:1 0>0/4msgs
        posix-mq mq_timedsend!ETIMEDOUT mq:1 4>4/4msgs""",
    "posix-mq --outlive": """
        sender mq_timedsend mq:1 0>1/4msgs -> ?
        posix-mq mq_open mq:1 ->1/4msgs
        posix-mq mq_timedreceive mq:1 1>0/4msgs <- sender/3
        posix-mq mq_unlink mq:1 "removed\"""",
    "posix-sem": """
        waiter futex... futex:1 word=0>-
        waiter futex futex:1 word=0>* <- posix-sem
        posix-sem futex futex:1 word=1>* -> waiter*""",
    "posix-sem --uncontended": """
        posix-sem mmap mem:1 "4096 B mapped"
        posix-sem munmap mem:1 "unmapped\"""",
    "posix-sem --named": """
        posix-sem openat mem:1+ ->0B
        posix-sem write mem:1 0>32B
        posix-sem link mem:1 "now /dev/shm/sem.ipctrace-sem-*"
        poster openat mem:1 ->32B -> posix-sem
        posix-sem unlink mem:1 "name removed\"""",
    "posix-sem --holder-dies": """
        posix-sem kill -> holder
        posix-sem futex!ETIMEDOUT futex:1 word=0>0""",
    "posix-shm": """
        posix-shm openat mem:1+ ->0B
        posix-shm ftruncate mem:1 0>4096B
        posix-shm mmap mem:1 "4096 B mapped"
        other openat mem:1 ->4096B -> posix-shm
        other mmap mem:1 "4096 B mapped" -> posix-shm
        posix-shm unlink mem:1 "name removed\"""",
    "posix-shm --outlive": """
        writer pwrite64 mem:1 4096>4096B -> posix-shm/3
        posix-shm openat mem:1 ->4096B
        posix-shm read mem:1""",
    "mmap-shared": """
        mmap-shared mmap mem:1 "4096 B mapped"
        mmap-shared munmap mem:1 "unmapped\"""",
    "mmap-shared --file": """
        mmap-shared mmap mem:1 "4096 B mapped"
        other mmap mem:1 "4096 B mapped" -> mmap-shared
        other munmap mem:1 "unmapped" -> mmap-shared""",
    "memfd": """
        memfd memfd_create memfd:1+ ->0B
        memfd ftruncate memfd:1 0>4096B
        memfd fcntl!EBUSY memfd:1 4096>4096B
        memfd fcntl memfd:1 4096>4096B "sealed: seal, shrink, grow, write"
        memfd sendmsg unix:1 peer queue=0>*B "1 descriptor passed" -> receiver/4
        receiver recvmsg unix:2 *>0B*"1 descriptor received" <- memfd/3
        receiver mmap memfd:1 "4096 B mapped to be read"*
        receiver write!EPERM memfd:1 4096>4096B""",
    "memfd --shared": """
        memfd sendmsg unix:1 peer queue=0>*B "1 descriptor passed" -> writer/4
        writer recvmsg unix:2 *>0B*"1 descriptor received" <- memfd/3
        writer mmap memfd:1 "4096 B mapped" -> memfd/5""",
    "futex": """
        waiter futex... futex:1 word=0>-
        waiter futex futex:1 word=0>1 <- futex
        futex futex futex:1 word=1>1 -> waiter*
        futex futex!EAGAIN futex:1 word=1>1""",
    "futex --mutex": """
        second futex... futex:1 word=2>- waits for futex~
        second futex futex:1 word=2>* <- futex
        futex futex futex:1 word=0>* -> second*""",
    "futex --condition": """
        waiter futex... futex:1 word=0>-
        waiter futex futex:1 word=0>2 <- futex
        futex futex futex:1 word=2>* -> waiter*""",
    "futex --robust": """
        waiter futex... futex:1 word=*>- waits for holder~
        waiter futex futex:1 word=*>3221225472 "its owner died"
        futex kill -> holder""",
    "futex --priority": """
        second futex... futex:2 word=*>- waits for futex~
        second futex futex:2 word=*>* <- futex~
        second futex futex:2 word=*>0""",
    "futex --deadlock": """
        left futex... futex:* word=2>- waits for right~
        right futex... futex:* word=2>- waits for left~""",
    "futex --lost-wakeup": """
        waiter futex... futex:1 word=0>-*
        futex kill -> waiter""",
    "threads": """
        threads futex... futex:1 word=2>-*
        threads futex futex:1 word=2>* <- threads""",
    "threads --order": """
        threads futex... futex:1 word=0>-
        threads futex futex:1 word=0>2 <- threads""",
    "threads --barrier": """
        threads futex... futex:1 word=0>-
        threads futex futex:1 word=0>2 <- threads""",
    "eventfd": """
        eventfd eventfd2 eventfd:1+ count=->0
        eventfd write eventfd:1 count=0>3 -> eventfd/3
        eventfd write eventfd:1 count=3>7 -> eventfd/3
        eventfd read eventfd:1 count=7>0 <- eventfd/3
        eventfd read!EAGAIN eventfd:1 count=0>0""",
    "eventfd --semaphore": """
        eventfd eventfd2 eventfd:1+ count=->2 "a semaphore"
        eventfd read eventfd:1 count=2>1 <- eventfd
        eventfd read eventfd:1 count=1>0 <- eventfd
        eventfd read!EAGAIN eventfd:1 count=0>0""",
    "eventfd --empty": """
        reader read... eventfd:1 count=0>- "waits for a write" waits for eventfd/3
        reader read eventfd:1 count=0>0 <- eventfd/3
        eventfd write eventfd:1 count=0>* -> reader/3""",
    "eventfd --full": """
        eventfd write eventfd:1 count=0>18446744073709551614 -> eventfd/3
        eventfd read eventfd:1 count=18446744073709551614>* <- eventfd/3
        eventfd read eventfd:1 count=1>0 <- writer/3
        writer write... eventfd:1 count=18446744073709551614>- "full: waits for a read" waits for eventfd/3
        writer write eventfd:1 count=18446744073709551614>1 -> eventfd/3""",
}

SOCKETS = {
    "socketpair": """
        parent socketpair unix:1+ "other end unix:2" unix:2+ "other end unix:1"
        parent write unix:1 peer queue=0>*B -> child/4
        parent read unix:1 *>0B <- child/4
        parent read unix:1 0>0B "end of file*"
        child read unix:2 *>0B <- parent/3
        child write unix:2 peer queue=0>*B -> parent/3""",
    "socketpair --dgram": """
        socketpair sendto unix:1 peer's first message=0>3B peer queue=0>1msgs seen -> socketpair/4
        socketpair sendto unix:1 peer's first message=3>3B peer queue=1>2msgs seen -> socketpair/4
        socketpair recvfrom unix:2 first message=3>3B 2>1msgs seen <- socketpair/3
        socketpair recvfrom unix:2 first message=3>0B 1>0msgs seen <- socketpair/3
        socketpair recvfrom!EAGAIN unix:2 first message=0>0B""",
    "unix-dgram": """
        unix-dgram bind unix:1 "@/ipctrace-receiver-*"
        unix-dgram recvfrom unix:1 first message=*>*B* <- sender/4
        unix-dgram recvfrom unix:1 first message=*>*B* <- sender/4
        unix-dgram recvfrom unix:1 first message=*>0B* <- sender/4
        unix-dgram sendto unix:1* -> sender/4
        sender sendto unix:2* -> unix-dgram/3
        sender sendto unix:2* -> unix-dgram/3
        sender sendto unix:2* -> unix-dgram/3
        sender recvfrom unix:2 first message=*>0B* <- unix-dgram*/3""",
    "unix-dgram --full": """
        sender connect unix:2 "-> @/ipctrace-receiver-*" -> unix-dgram/3
        sender sendto unix:2 peer's first message=0>1B peer queue=0>1msgs seen -> unix-dgram/3
        sender sendto unix:2 peer's first message=1>1B peer queue=1>2msgs seen -> unix-dgram/3
        sender sendto!EAGAIN unix:2 peer's first message=1>1B "full"
        sender sendto... unix:2 peer's first message=1>-B "full: waits for space" waits for unix-dgram/3
        sender sendto unix:2 peer's first message=1>* -> unix-dgram/3
        unix-dgram recvfrom unix:1 first message=1>1B* <- sender*/4
        unix-dgram recvfrom unix:1 first message=1>0B 1>0msgs seen <- sender*/4""",
    "unix-dgram --refused": """
        unix-dgram sendto unix:2 peer's first message=0>8B peer queue=0>1msgs seen -> unix-dgram/3
        unix-dgram recvfrom unix:1 first message=8>0B 1>0msgs seen <- unix-dgram*/4
        unix-dgram sendto!ECONNREFUSED unix:2 "nobody has that address\"""",
    "unix-seqpacket": """
        server accept unix:3+ *unix:1 pending=*>*/1 <- client*
        server recvmsg unix:3 *>*B <- client*
        server recvmsg unix:3 *>*B <- client*
        server recvmsg unix:3 *>0B <- client*
        server recvmsg unix:3 0>0B "end of file*"
        client connect unix:2 "-> @/ipctrace-seqpacket-*" -> server*
        client sendto unix:2* -> server*
        client sendto unix:2* -> server*
        client sendto unix:2* -> server*""",
    "unix-stream": """
        server listen unix:1 pending=->0/5
        server accept unix:3+ * unix:1 pending=*>0/5 <- client*
        server read unix:3 *>0B <- client*
        server write unix:3 peer queue=0>*B -> client/4
        server read unix:3 0>0B "end of file*"
        client connect unix:2 "-> /tmp/ipctrace-*/socket" -> server*
        client write unix:2* -> server*
        client read unix:2 *>0B <- server/4""",
    "unix-stream --abstract": """
        server accept unix:*+ * unix:2 pending=*>0/5 <- client*
        server read unix:* *>0B <- client*
        server write unix:* peer queue=0>*B -> client/5
        server connect!ECONNREFUSED unix:1 "nobody listens at @/ipctrace-unix-*"
        client write unix:** -> server*
        client read unix:* *>0B <- server/5""",
    "unix-stream --peercred": """
        unix-stream accept unix:3+ * unix:1 pending=*>0/5 <- client*
        unix-stream getsockopt unix:3
        unix-stream write unix:3 peer queue=0>*B -> client/4
        client write unix:2* -> unix-stream*
        client read unix:2 *>0B <- unix-stream/4""",
    "unix-stream --full": """
        client sendto unix:2* -> server*
        client sendto unix:2* -> server*
        client sendto!EAGAIN unix:2 peer queue=*>*B "full"
        client write... unix:2 peer queue=*>-B "full: waits for space" waits for server/4
        client write unix:2 peer queue=*>*B -> server/4
        server read unix:3 *>*B <- client/4
        server read unix:3 4096>0B <- client/4
        server read unix:3 0>0B "end of file*""",
    "unix-stream --shutdown": """
        client write unix:2* -> server*
        client shutdown unix:2 "the other end gets end of file" -> server*
        client read unix:2 *>0B <- server/5
        server read unix:3 3>0B <- client/5
        server read unix:3 0>0B "end of file: the other end was shut down"
        server write unix:3 peer queue=0>*B -> client/5
        server sendto!EPIPE unix:3 "its other end is closed\"""",
    "unix-stream --refused": """
        unix-stream connect!ENOENT unix:1*
        unix-stream connect!ECONNREFUSED unix:1 "nobody listens at /tmp/ipctrace-*/socket"
        unix-stream bind!EADDRINUSE unix:1*""",
    "fd-passing": """
        maker pipe2 pipe:1+ ->0/65536B
        maker sendmsg unix:2 peer queue=0>*B "1 descriptor passed" -> receiver/3
        maker write pipe:1 0>5/65536B -> *
        receiver recvmsg unix:1 *>*B*"1 descriptor received" <- maker/4
        receiver read unix:1 *>0B <- maker/4
        receiver read pipe:1 5>0/65536B <- maker/5
        receiver read pipe:1 0>0/65536B "end of file: no writer is left\"""",
    "fd-passing --credentials": """
        sender sendto unix:2 peer's first message=0>*B* -> fd-passing/3
        fd-passing recvmsg unix:1 first message=*>0B* <- sender*""",
    "fd-passing --in-flight": """
        fd-passing sendmsg unix:2 peer queue=0>1B "1 descriptor passed" -> fd-passing/3
        fd-passing write unix:2 peer queue=1>2B -> fd-passing/3
        fd-passing read pipe:1 0>0/65536B "end of file: no writer is left\"""",
    "tcp": """
        server accept tcp:*+ "other end tcp:*" tcp:1 pending=*/3 <- client */3
        server accept tcp:*+ "other end tcp:*" tcp:1 pending=*/3 <- client */3
        server accept tcp:*+ "other end tcp:*" tcp:1 pending=*/3 <- client */3
        client 1 connect tcp:* "127.0.0.1:* -> 127.0.0.1:*" -> *server*
        client 1 write tcp:* peer queue=*>*B* -> *worker/6
        client 1 read tcp:* *>0B <- worker/6
        client 2 write tcp:* peer queue=0>*B* -> worker/6
        client 2 read tcp:* *>0B <- worker/6
        client 3 write tcp:* peer queue=0>*B* -> worker/6
        client 3 read tcp:* *>0B <- worker/6
        worker read tcp:* *>0B <- client 1/3
        worker write tcp:* peer queue=0>*B* -> client 1/3
        worker read tcp:* 0>0B "end of file*""",
    "tcp --ipv6": """
        server accept tcp:*+ "other end tcp:*" tcp:1 pending=*/3 <- client 1/3
        client 1 connect tcp:* "[::1]:* -> [::1]:*" -> *server*
        client 1 read tcp:* *>0B <- worker/6
        client 3 read tcp:* *>0B <- worker/6""",
    "tcp --refused": """
        tcp connect!ECONNREFUSED tcp:2 "nobody listens at 127.0.0.1:*\"""",
    "tcp --reset": """
        tcp connect tcp:2 "127.0.0.1:* -> 127.0.0.1:*" -> tcp*/3
        tcp accept tcp:3+ "other end tcp:2" tcp:1 pending=1>0/1 <- tcp/4
        tcp close tcp:2 "its last descriptor: the other end gets ECONNRESET" -> tcp/5
        tcp read!ECONNRESET tcp:3 0>0B "its other end has reset the connection"
        tcp sendto!EPIPE tcp:3 "its other end is closed\"""",
    "udp": """
        client sendto udp:2* -> server/3
        client sendto udp:2* -> server/3
        client recvfrom udp:2 first message=*>0B* <- server*/3
        server recvfrom udp:1 first message=*>*B* <- *
        server recvfrom udp:1 first message=*>0B* <- client/4
        server sendto udp:1* -> client/4""",
    "udp --ipv6": """
        client sendto udp:2* -> server/3
        server recvfrom udp:1 first message=*>*B* <- *
        server recvfrom udp:1 first message=*>*B* <- client/4
        server sendto udp:1* -> client/4""",
    "udp --refused": """
        udp recvfrom!ECONNREFUSED udp:2 first message=0>0B "nobody has that address\"""",
    "netlink": """
        netlink sendto netlink:1* -> kernel
        netlink recvfrom netlink:1* <- kernel""",
    "netlink --error": """
        netlink sendto netlink:1* -> kernel
        netlink recvfrom netlink:1* <- kernel""",
}

OTHERS = {
    "signals": """
        signals wait4 <- child
        signals kill -> signals
        signals kill -> signals""",
    "signals --eintr": """
        reader read... pipe:1 0>-/65536B waits for signals/4
        reader read!ERESTARTSYS pipe:1 0>0/65536B*
        signals kill -> reader""",
    "signals --restart": """
        reader read!ERESTARTSYS pipe:1 0>0/65536B*
        reader read pipe:1 *>0/65536B <- signals/4
        signals kill -> reader
        signals write pipe:1 0>*/65536B -> reader/3""",
    "signals --pending": """
        signals kill -> signals
        signals kill -> signals
        signals kill -> signals""",
    "signals --realtime": """
        signals rt_sigqueueinfo -> signals
        signals rt_sigqueueinfo -> signals
        signals rt_sigqueueinfo -> signals""",
    "signals --sigchld": "signals wait4 <- child",
    "signals-terminal": "signals-termina write pty:1 master *>*B to read -> program/3",
    "signals-terminal --ctrl-z": """
        signals-termina write pty:1 master *>*B to read -> job/3, shell/3
        shell kill -> job
        shell wait4 <- job
        job rt_sigtimedwait <- shell""",
    "signalfd": """
        child rt_sigqueueinfo -> signalfd
        signalfd read signalfd:1 pending=2>1 <- child
        signalfd read signalfd:1 pending=1>0 <- child""",
    "signalfd --nonblock": """
        signalfd read!EAGAIN signalfd:1 pending=0>0
        signalfd kill -> signalfd
        signalfd read signalfd:1 pending=1>0 <- signalfd
        signalfd read!EAGAIN signalfd:1 pending=0>0""",
    "sigwait": """
        sigwait rt_sigqueueinfo -> waiter
        waiter rt_sigtimedwait <- sigwait""",
    "sigwait --pending": """
        sigwait kill -> sigwait
        sigwait rt_sigtimedwait <- sigwait""",
    "pidfd": """
        pidfd pidfd_open pidfd:1+
        pidfd pidfd_send_signal pidfd:1 -> *
        pidfd pidfd_send_signal!ESRCH pidfd:1*""",
    "pidfd --getfd": """
        owner pipe2 pipe:1+ ->0/65536B
        owner write pipe:1 0>13/65536B -> owner/100
        pidfd pidfd_getfd pidfd:1 <- owner/100
        pidfd read pipe:1 13>0/65536B <- owner/5""",
    "wait": """
        wait wait4 <- child
        wait wait4 <- child""",
    "wait --zombie": "wait wait4 <- child",
    "wait --stopped": """
        wait wait4 <- child
        wait kill -> child
        wait wait4 <- child""",
    "process-vm": """
        process-vm process_vm_readv <- target
        process-vm process_vm_writev -> target""",
    "ptrace": """
        ptrace ptrace -> ptrace
        ptrace wait4 <- *""",
    "file-lock": """
        file-lock flock lock:1 "flock write lock"
        file-lock flock lock:1 "flock unlocked" -> waiter
        waiter flock!EAGAIN lock:1 "somebody else has it" <- file-lock
        waiter flock... lock:1 "waits for a flock write lock" waits for file-lock
        waiter flock lock:1 "flock write lock\"""",
    "file-lock --posix": """
        file-lock fcntl lock:1[0..1) "POSIX write lock"
        file-lock fcntl lock:1[1..2) "POSIX read lock"
        file-lock fcntl lock:1[0..1) "POSIX unlocked" -> waiter
        waiter fcntl!EAGAIN lock:1[0..1) "somebody else has it" <- file-lock
        waiter fcntl... lock:1[0..1) "waits for a POSIX write lock" waits for file-lock
        waiter fcntl lock:1[0..1) "POSIX write lock\"""",
    "file-lock --ofd": """
        file-lock fcntl lock:1[0..1) "OFD write lock"
        waiter fcntl... lock:1[0..1) "waits for an OFD write lock" waits for file-lock~
        waiter fcntl lock:1[0..1) "OFD write lock\"""",
    "file-lock --deadlock": """
        left fcntl lock:1[0..1) "POSIX write lock"
        left fcntl... lock:1[1..2) "waits for a POSIX write lock" waits for right
        left fcntl lock:1[1..2) "POSIX write lock"
        right fcntl lock:1[1..2) "POSIX write lock"
        right fcntl!EDEADLK lock:1[0..1) "would be a deadlock: its owner waits for us" <- left""",
    "file-lock --flock-deadlock": """
        left flock... lock:* "waits for a flock write lock" waits for right
        right flock... lock:* "waits for a flock write lock" waits for left""",
    "epoll": """
        epoll epoll_ctl epoll:1 watches=0>1
        epoll epoll_ctl epoll:1 watches=3>4
        epoll epoll_wait epoll:1 "ready: pipe:1"
        epoll epoll_wait epoll:1 "ready: eventfd:1"
        epoll epoll_wait epoll:1 "ready: timerfd:1"
        epoll epoll_wait epoll:1 "ready: signalfd:1"
        epoll read signalfd:1 pending=1>0 <- epoll""",
    "epoll --edge": """
        epoll epoll_ctl epoll:1 watches=0>1
        epoll epoll_wait epoll:1 "ready: pipe:1"
        epoll write pipe:1 1>2/65536B -> epoll/3
        epoll epoll_ctl epoll:1 watches=1>0
        epoll epoll_ctl epoll:1 watches=0>1""",
    "inotify": 'inotify read inotify:1 queued=*>0B "about /tmp/ipctrace-*"',
    "inotify --empty": 'watcher read... inotify:1 queued=0>-B "waits for a change of /tmp/ipctrace-*"',
    "timerfd": """
        timerfd timerfd_settime timerfd:1 *
        timerfd read timerfd:1 expired=->1times "disarmed\"""",
    "timerfd --periodic": 'timerfd read timerfd:1 expired=->3times "next in *then every 100 s"',
    "pty": """
        pty openat pty:1 master+
        pty openat pty:1 slave
        pty write pty:1 master *B to read -> pty/4
        pty read pty:1 slave *>0B to read <- pty*/3
        pty read pty:1 master *>0B to read <- pty*/4
        pty read pty:1 master *>0B to read <- pty*/4""",
    "pty --raw": "pty read pty:1 slave *>0B to read <- pty*/3",
    "io-uring": """
        sender io_uring_enter io_uring:2 to submit=1>0/4 completed=0>1/8
        io-uring io_uring_enter io_uring:1 to submit=0>0/4 completed=*>1/8""",
    "everything": """
        everything write pipe:1 0>8/65536B -> everything/3
        everything read pipe:1 8>0/65536B <- everything/4
        everything write fifo:1 0>8/65536B -> everything/3
        everything read fifo:1 8>0/65536B <- everything/3
        everything write unix:1 peer queue=0>8B -> everything/4
        everything read unix:2 8>0B <- everything/3
        everything accept4 tcp:3+ "other end tcp:2" tcp:1 pending=1>0/1 <- everything/4
        everything write tcp:2 peer queue=0>8B* -> everything/5
        everything read tcp:3 8>0B <- everything/4
        everything msgsnd msg:1 0>1msgs 0>8/16384B
        everything msgrcv msg:1 1>0msgs 8>0/16384B <- everything
        everything semtimedop sem:1 [0]=0>1
        everything semtimedop sem:1 [0]=1>0 <- everything
        everything shmat shm:1 attached=0>1 4096>4096B
        everything mq_timedsend mq:1 0>1/1msgs -> everything/3
        everything mq_timedreceive mq:1 1>0/1msgs <- everything/3
        everything read timerfd:1 expired=->1times "disarmed"
        everything read signalfd:1 pending=1>0 <- everything
        everything read inotify:1 queued=32>0B "about /tmp/ipctrace-*\"""",
    "story": """
        Ann rt_sigqueueinfo -> Ben
        Ann accept tcp:3+ "other end tcp:2" tcp:1 pending=*>0/1 <- Ben/8
        Ann write tcp:3 peer queue=0>*B* -> Ben/8
        Ann read tcp:3 *>0B <- Ben/8
        Ann write pipe:1 0>*/65536B -> Ben/4
        Ann read pipe:2 *>0/65536B <- Ben/7
        Ann msgsnd msg:1 0>*msgs 0>*/16384B*
        Ann msgrcv msg:1 *>0msgs *>0/16384B <- Ben*
        Ann shmat shm:1 attached=*>* 4096>4096B*
        Ann wait4 <- Ben
        Ben rt_sigtimedwait <- Ann
        Ben read tcp:2 *>0B <- Ann/8
        Ben write tcp:2 peer queue=0>*B* -> Ann/8
        Ben read pipe:1 *>0/65536B <- Ann/5
        Ben write pipe:2 0>*/65536B -> Ann/6
        Ben msgrcv msg:1 *msgs */16384B <- Ann*
        Ben shmat shm:1 attached=*>* 4096>4096B -> *Ann~*""",
}

MECHANISMS = {"pipes": PIPES, "system_v": SYSTEM_V, "posix": POSIX, "sockets": SOCKETS, "others": OTHERS}

# A table of times, no demonstration of one mechanism: its processes are those of the demos above.
NOT_HERE = {"compare"}
