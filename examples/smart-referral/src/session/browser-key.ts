/**
 * The key that this browser keeps for the app's messages, made once. It cannot be exported: it keeps what is stored from whoever reads the storage
 * alone, and not from who holds the disk, or runs code in this page. Where an app has a server of its own, the key comes better from there.
 */
export async function browserKey(): Promise<CryptoKey> {
  const fresh = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('smart-referral-key', 1);
    // Of all tabs that open it at the same time one makes it, and with it the key.
    opening.onupgradeneeded = () => opening.result.createObjectStore('keys').add(fresh, 'first');
    opening.onerror = () => reject(opening.error ?? new Error('There is no storage.'));
    opening.onsuccess = () => {
      const reading = opening.result.transaction('keys').objectStore('keys').get('first');
      reading.onerror = () => reject(reading.error ?? new Error('There is no key.'));
      reading.onsuccess = () => {
        opening.result.close();
        const key: unknown = reading.result;
        if (key instanceof CryptoKey) resolve(key);
        else reject(new Error('There is no key.'));
      };
    };
  });
}
