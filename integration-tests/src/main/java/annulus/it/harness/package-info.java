/**
 * Runs ordinary JUnit Jupiter tests inside the distribution: {@link FelixTestEngine} takes the place of the Jupiter engine,
 * {@link FelixContainer} starts Felix with the distribution's bundles and the tests' classes as one more bundle.
 */
@NullMarked
package annulus.it.harness;

import org.jspecify.annotations.NullMarked;
