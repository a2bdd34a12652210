import { tellTheStory } from './story.ts';
import { checkAndSend } from './check-and-send.ts';
import { startReferralManager } from './referral-manager.ts';
import { failure } from './print.ts';

// pnpm demo           a referral travels to a referral manager and back, and is updated
// pnpm demo <file>    your own message Bundle is checked, drawn, and sent where its event is known
const [file] = process.argv.slice(2).filter((argument) => argument !== '--');
const manager = await startReferralManager();
try {
  await (file === undefined ? tellTheStory(manager) : checkAndSend(file, manager));
} catch (error) {
  failure(error);
  process.exitCode = 1;
} finally {
  await manager.stop();
}
