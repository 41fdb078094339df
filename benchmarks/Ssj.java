import java.util.ArrayDeque;
import umontreal.ssj.randvar.ExponentialGen;
import umontreal.ssj.rng.MRG32k3a;
import umontreal.ssj.rng.RandomStream;
import umontreal.ssj.simevents.Event;
import umontreal.ssj.simevents.Sim;

/** The centre in SSJ: prints offered, lost and seconds. Arguments: days, rate, handle, patience, agents, day, seed. */
public class Ssj {
    static double rate, handle, patience, day;
    static int agents, idle;
    static long offered, lost;
    static final RandomStream luck = new MRG32k3a();
    static final ArrayDeque<HangsUp> line = new ArrayDeque<>();

    static double exponential(double mean) {
        return ExponentialGen.nextDouble(luck, 1 / mean);
    }

    static void talk() {
        new Ends().schedule(exponential(handle));
    }

    static class Arrives extends Event {
        public void actions() {
            if (Sim.time() >= day) return;
            offered++;
            new Arrives().schedule(exponential(1 / rate));
            if (idle > 0) {
                idle--;
                talk();
            } else {
                HangsUp caller = new HangsUp();
                caller.schedule(exponential(patience));
                line.addLast(caller);
            }
        }
    }

    static class HangsUp extends Event {
        public void actions() {
            line.remove(this);
            lost++;
        }
    }

    static class Ends extends Event {
        public void actions() {
            HangsUp caller = line.pollFirst();
            if (caller == null) {
                idle++;
            } else {
                caller.cancel();
                talk();
            }
        }
    }

    public static void main(String[] given) {
        rate = Double.parseDouble(given[1]);
        handle = Double.parseDouble(given[2]);
        patience = Double.parseDouble(given[3]);
        agents = Integer.parseInt(given[4]);
        day = Double.parseDouble(given[5]);
        long began = System.nanoTime();
        for (int i = 0; i < Integer.parseInt(given[0]); i++) {
            Sim.init();
            idle = agents;
            line.clear();
            new Arrives().schedule(exponential(1 / rate));
            Sim.start();
        }
        System.out.println(offered + " " + lost + " " + (System.nanoTime() - began) / 1e9);
    }
}
