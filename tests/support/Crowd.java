import java.io.*;
import java.net.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.concurrent.locks.*;

/** Hundreds of threads that meet in every way Java knows, processes and sockets: what it prints is always the same. */
public class Crowd {
    static final int THREADS = 500, ROUNDS = 8, TURNS = 100, CHILDREN = 24, CLIENTS = 40;

    interface Task { void run(int number) throws Exception; }

    static void together(int count, Task task) throws Exception {
        List<Thread> all = new ArrayList<>();
        Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < count; i++) {
            final int number = i;
            Thread one = new Thread(() -> {
                try { task.run(number); } catch (Throwable error) { failed.add(error); }
            });
            all.add(one);
            one.start();
        }
        for (Thread one : all) one.join();
        for (Throwable error : failed) error.printStackTrace(System.out);
    }

    /** Each waits for its turn: wait() and notifyAll() by all of them. */
    static int turn;

    static void inTurns() throws Exception {
        final Object monitor = new Object();
        together(TURNS, number -> {
            synchronized (monitor) {
                while (turn != number) monitor.wait();
                turn++;
                monitor.notifyAll();
            }
        });
        System.out.println("turns " + turn);
    }

    static long sum;

    static void locks() throws Exception {
        ReentrantLock lock = new ReentrantLock(true);
        Condition changed = lock.newCondition();
        CyclicBarrier barrier = new CyclicBarrier(THREADS);
        AtomicLong all = new AtomicLong();
        together(THREADS, number -> {
            barrier.await();
            for (int i = 0; i < ROUNDS; i++) {
                lock.lock();
                try { sum += number; changed.signalAll(); } finally { lock.unlock(); }
                all.addAndGet(number);
            }
            lock.lock();
            try {
                while (sum != (long) THREADS * (THREADS - 1) / 2 * ROUNDS) changed.await();
            } finally { lock.unlock(); }
        });
        System.out.println("locks " + sum + " " + all.get());
    }

    static void timed() throws Exception {
        AtomicInteger early = new AtomicInteger();
        together(100, number -> {
            long begin = System.nanoTime();
            Thread.sleep(20);
            LockSupport.parkNanos(1_000_000);
            if (System.nanoTime() - begin < 20_000_000L) early.incrementAndGet();
        });
        Thread sleeper = new Thread(() -> {
            try { Thread.sleep(1_000_000); } catch (InterruptedException error) { System.out.println("interrupted"); }
        });
        sleeper.start();
        sleeper.interrupt();
        sleeper.join();
        System.out.println("too early " + early.get());
    }

    static void processes() throws Exception {
        AtomicInteger right = new AtomicInteger();
        together(CHILDREN, number -> {
            Process child = new ProcessBuilder("sh", "-c", "read x; echo got $x | cat; exit " + number).start();
            try (OutputStream to = child.getOutputStream()) { to.write(("line " + number + "\n").getBytes()); }
            String said = new String(child.getInputStream().readAllBytes());
            if (child.waitFor() == number && said.equals("got line " + number + "\n")) right.incrementAndGet();
        });
        System.out.println("children " + right.get());
    }

    static void sockets() throws Exception {
        AtomicInteger right = new AtomicInteger();
        try (ServerSocket server = new ServerSocket(0, CLIENTS, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> {
                try {
                    for (int i = 0; i < CLIENTS; i++) {
                        Socket one = server.accept();
                        new Thread(() -> {
                            try (one) { one.getInputStream().transferTo(one.getOutputStream()); } catch (IOException error) { error.printStackTrace(System.out); }
                        }).start();
                    }
                } catch (IOException error) { error.printStackTrace(System.out); }
            });
            answering.start();
            together(CLIENTS, number -> {
                byte[] sent = new byte[50_000];
                Arrays.fill(sent, (byte) number);
                try (Socket one = new Socket(server.getInetAddress(), server.getLocalPort())) {
                    one.getOutputStream().write(sent);
                    one.shutdownOutput();
                    if (Arrays.equals(one.getInputStream().readAllBytes(), sent)) right.incrementAndGet();
                }
            });
            answering.join();
        }
        System.out.println("clients " + right.get());
    }

    public static void main(String[] args) throws Exception {
        inTurns();
        locks();
        timed();
        processes();
        sockets();
        System.gc();
        try { ((Object) null).hashCode(); } catch (NullPointerException error) { System.out.println("null"); }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("end")));
        System.exit(7);
    }
}
